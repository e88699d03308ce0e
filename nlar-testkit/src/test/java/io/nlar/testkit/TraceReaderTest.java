package io.nlar.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.AdamW;
import io.nlar.DType;
import io.nlar.Estimator;
import io.nlar.Lion;
import io.nlar.Momentum;
import io.nlar.Noise;
import io.nlar.Scaling;
import io.nlar.testkit.contract.ReferenceDevice;
import io.nlar.Precision;
import io.nlar.Storage;
import java.math.BigInteger;
import io.nlar.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Reading traces, and judging results. */
class TraceReaderTest {
  private static final String CONFIG = """
      "config": {"initialLearningRate": 0.1, "momentum": 0.5, "priorWeight": 2, "noiseScale": 0.01, "lowerClip": 0.25,
        "scaling": "clipNorm", "scalingBound": 3, "weightDecay": 0.125}""";
  private static final String INPUTS = """
      "shapes": [1, 2], "theta0": [1, 2, 3], "gradients": [[0.5, 0, -1], [1, 1, 1]]""";
  private static final String MINIMAL =
      "{\"name\": \"short\", \"variant\": \"nlarsm\"," + CONFIG + "," + INPUTS + "}";

  @TempDir
  Path folder;

  private Trace read(String json) throws IOException {
    return Traces.read(Files.writeString(folder.resolve("trace.json"), json));
  }

  @Test
  void whatMayBeAbsentMayBeAbsent() throws IOException {
    Trace trace = read(MINIMAL);
    assertEquals("short", trace.name());
    assertEquals(new Estimator.Nlarsm(0.1, 2, 0.01, 0.25), trace.config().estimator());
    assertEquals(new Scaling.TensorNorm(3), trace.config().scaling());
    assertEquals(new Momentum.Inverse(0.5), trace.config().momentum());
    assertEquals(new Noise.None(), trace.config().noise());
    assertEquals(0.125, trace.config().weightDecay());
    assertNull(trace.frozenNoise());
    assertEquals(List.of(1, 2), trace.reportedSteps());
    assertEquals(List.of(new TensorSpec("tensor0", 1), new TensorSpec("tensor1", 2)), trace.tensors());
    assertArrayEquals(new double[] {1, 1, 1}, trace.gradients().get(1));

    GoldenResult result = GoldenRun.runReference(DType.FLOAT64, trace);
    assertEquals(List.of(1, 2), result.computed().stream().map(Snapshot::step).toList());
    assertEquals(3, result.computed().getLast().velocity().length);
    assertEquals(Map.of(), result.errors());
  }

  @Test
  void momentumNullOrAbsentIsNoMomentum() throws IOException {
    for (String momentum : List.of("\"momentum\": null, ", "")) {
      Trace trace = read(MINIMAL.replace("\"momentum\": 0.5, ", momentum));
      assertEquals(new Momentum.None(), trace.config().momentum());
      assertNull(GoldenRun.runReference(DType.FLOAT32, trace).computed().getFirst().velocity());
    }
  }

  /** As in the published optimizers; the velocity is the last change, −γ·f. */
  @Test
  void momentumZeroKeepsAVelocity() throws IOException {
    Trace trace = read(MINIMAL.replace("\"momentum\": 0.5", "\"momentum\": 0.0").replace("0.125", "0"));
    for (DType type : List.of(DType.FLOAT32, DType.FLOAT64)) {
      List<Snapshot> computed = GoldenRun.runReference(type, trace).computed();
      double[] before = computed.getFirst().theta();
      double[] after = computed.getLast().theta();
      for (int i = 0; i < 3; i++) {
        assertEquals(type.round(after[i] - before[i]), computed.getLast().velocity()[i], 1e-6);
        assertTrue(computed.getLast().velocity()[i] < 0);
      }
    }
  }

  private static final String KEPT = "{\"name\": \"kept\", \"variant\": \"nlarcm\", \"config\": {\"initialLearningRate\": 0.1,"
      + "\"momentum\": 1, \"priorWeight\": 0.1, \"noiseScale\": 1e-19, \"scaling\": \"none\"}, \"names\": [\"a\", \"b/c\"],"
      + "\"storage\": {\"value\": \"bfloat16\", \"master\": \"remainder\", \"gradient\": \"float32\", \"state\": \"bfloat16\"},"
      + INPUTS.replace("[1, 2, 3]", "[0.7, 2, 3]") + "}";

  /** Names and storage as the trace says; the exact value behind a narrow one begins at the trace's own. */
  @Test
  void tensorsHaveNamesAndAreKeptAsTheTraceSays() throws IOException {
    Trace trace = read(KEPT);
    assertEquals(List.of(new TensorSpec("a", 1), new TensorSpec("b/c", 2)), trace.tensors());
    assertEquals(new Storage(DType.BFLOAT16, DType.FLOAT32, DType.BFLOAT16, Precision.Master.REMAINDER),
        trace.storage(DType.FLOAT64));
    try (Device device = new ReferenceDevice()) {
      Trace still = read(KEPT.replace("[[0.5, 0, -1], [1, 1, 1]]", "[[0, 0, 0]]"));
      Snapshot first = GoldenRun.run(device, DType.FLOAT32, still, true, () -> {}).computed().getFirst();
      int bits = Float.floatToRawIntBits(0.7f);
      assertEquals(BigInteger.valueOf(bits + 0x8000 >>> 16), first.bits().get("value").getFirst());
      assertEquals(BigInteger.valueOf(bits & 0xFFFF), first.bits().get("remainder").getFirst());
      assertEquals(BigInteger.valueOf(0x3DCD), first.bits().get("rate").getLast());
      assertEquals(List.of("value", "velocity", "rate", "weight", "remainder"), List.copyOf(first.bits().keySet()));
    }
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      "value": "bfloat16"  | "value": "int8"     | storage.value
      "state": "bfloat16"  | "state": "float16"  | storage.state
      "master": "remainder" | "master": "both"   | storage.master
      "master": "remainder" | "master": "float32" | BFLOAT16
      "a", "b/c"           | "a", "a"            | names
      "a", "b/c"           | "a"                 | names
      """)
  void whatCannotBeKeptIsRefused(String right, String wrong, String word) {
    String message = assertThrows(TraceException.class, () -> read(KEPT.replace(right, wrong))).getMessage();
    assertTrue(message.contains(word), message);
  }

  private static final String ADAMW = "{\"name\": \"short\", \"variant\": \"adamw\", \"config\": {\"learningRate\": 0.5,"
      + "\"beta1\": 0, \"beta2\": 0.75, \"epsilon\": 1e-8, \"scaling\": \"none\"}," + INPUTS + "}";

  /** In the first step m̂/√q̂ is the gradient's sign. */
  @Test
  void adamWIsAVariant() throws IOException {
    Trace trace = read(ADAMW);
    assertEquals(new AdamW(0.5, 0, 0.75, 1e-8), trace.config().rule());
    Snapshot first = GoldenRun.runReference(DType.FLOAT64, trace).computed().getFirst();
    assertArrayEquals(new double[] {0.5, 2, 3.5}, first.theta(), 1e-7);
    assertArrayEquals(new double[] {0.5, 0.5, 0.5}, first.learningRate());
    assertNull(first.velocity());
  }

  /** In its first step NAdamW is 1 + β1 times as far as AdamW, and Lion moves by the rate. */
  @Test
  void nadamwAndLionAreVariants() throws IOException {
    Trace nadamw = read(ADAMW.replace("adamw", "nadamw").replace("\"beta1\": 0,", "\"beta1\": 0.5,"));
    assertEquals(new AdamW(0.5, 0.5, 0.75, 1e-8, true), nadamw.config().rule());
    Trace lion = read(ADAMW.replace("adamw", "lion"));
    assertEquals(new Lion(0.5, 0, 0.75), lion.config().rule());
    double[] plain = GoldenRun.runReference(DType.FLOAT64, read(ADAMW)).computed().getFirst().theta();
    double[] ahead = GoldenRun.runReference(DType.FLOAT64, nadamw).computed().getFirst().theta();
    for (int i = 0; i < plain.length; i++) {
      assertEquals(1.5 * (plain[i] - nadamw.theta0()[i]), ahead[i] - nadamw.theta0()[i], 1e-7);
    }
    assertArrayEquals(plain, GoldenRun.runReference(DType.FLOAT64, lion).computed().getFirst().theta(), 1e-7);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '~', value = {
      "\"beta2\": 0.75, | ~~ | 'beta2' is missing",
      "\"beta1\": 0, | \"beta1\": 0, \"momentum\": 0.5, | takes no momentum",
      "\"theta0\" | \"frozenNoise\": [1, 1, 1], \"theta0\" | takes no momentum and no noise",
      "\"beta1\": 0, | \"beta1\": 1, | beta1 must be at least 0 and less than 1, not 1.0"})
  void whatIsWrongWithAdamWIsNamed(String found, String replacement, String word) {
    assertTrue(ADAMW.contains(found));
    String message = assertThrows(TraceException.class, () -> read(ADAMW.replace(found, replacement))).getMessage();
    assertTrue(message.contains(word) && message.contains("trace.json"), message);
  }

  @Test
  void everyStepOfARunIsTold() throws IOException {
    int[] steps = {0};
    try (ReferenceDevice device = new ReferenceDevice()) {
      GoldenRun.run(device, DType.FLOAT64, read(MINIMAL), false, () -> steps[0]++);
    }
    assertEquals(2, steps[0]);
  }

  @Test
  void frozenNoiseIsTakenFromTheTrace() throws IOException {
    Trace trace = read(MINIMAL.replace("\"theta0\"", "\"frozenNoise\": [1, -1, 0.5], \"theta0\""));
    assertTrue(trace.config().noise() instanceof Noise.Frozen);
    assertArrayEquals(new double[] {1, -1, 0.5}, trace.frozenNoise());
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '~', value = {
      "\"nlarsm\" | \"adam\" | nlarpm, nlarbb, adamw, nadamw and lion",
      "\"clipNorm\" | \"other\" | other",
      "[1, 2, 3] | [1, 2] | 'theta0' has 2 numbers",
      "[1, 1, 1]] | [1, 1]] | gradients[1]",
      "\"shapes\": [1, 2] | \"shapes\": [1, -2] | -2",
      "\"priorWeight\": 2, | ~~ | 'priorWeight' is missing",
      "\"priorWeight\": 2 | \"priorWeight\": \"x\" | expected a number",
      "\"scalingBound\": 3 | \"scalingBound\": -3 | scaling bound",
      "\"name\": \"short\" | \"name\": \"short\", \"expected\": [{\"step\": 3}] | step 3",
      "{\"name\" | {name | trace.json"})
  void whatIsWrongIsNamed(String found, String replacement, String word) {
    assertTrue(MINIMAL.contains(found));
    String message =
        assertThrows(TraceException.class, () -> read(MINIMAL.replace(found, replacement))).getMessage();
    assertTrue(message.contains(word) && message.contains("trace.json"), message);
  }

  @Test
  void errorsAreRelativeWithAFloor() {
    Trace golden = Traces.all().getFirst();
    double[] expected = {10, 1, 0, 0.001};
    Trace trace = new Trace("t", golden.config(), null, null, List.of("a"), List.of(4), new double[4], List.of(new double[4]),
        List.of(new Snapshot(1, expected, expected, null)));
    double[] actual = {10 + 1e-7, 1, 1e-9, 0.001};
    GoldenResult result = new GoldenResult(trace, DType.FLOAT64, List.of(new Snapshot(1, actual, expected, expected)));
    // 1e-9 beside a largest magnitude of 10 counts as 1e-9 / 0.01.
    assertEquals(1e-7, result.errors().get(Quantity.THETA), 1e-12);
    assertEquals(0, result.errors().get(Quantity.LEARNING_RATE));
    assertFalse(result.errors().containsKey(Quantity.VELOCITY));
    assertFalse(result.passed());
    assertTrue(new GoldenResult(trace, DType.FLOAT32, result.computed()).passed());

    double[] broken = {10, Double.NaN, 0, 0.001};
    GoldenResult nan = new GoldenResult(trace, DType.FLOAT32, List.of(new Snapshot(1, broken, expected, null)));
    assertEquals(Double.POSITIVE_INFINITY, nan.errors().get(Quantity.THETA));
    assertFalse(nan.passed());
  }
}
