package io.nlar.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.jr.ob.JSON;
import io.nlar.DType;
import io.nlar.testkit.GoldenResult;
import io.nlar.testkit.Quantity;
import io.nlar.testkit.Snapshot;
import io.nlar.testkit.Tolerances;
import io.nlar.testkit.Trace;
import io.nlar.testkit.Traces;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReplayCommandTest {
  private static final String NOISY = "nlarsm-noise-1e-6.json";

  @TempDir
  private Path folder;

  private Path trace(String name) throws IOException {
    Path file = folder.resolve(name);
    try (InputStream golden = Traces.class.getResourceAsStream("golden/" + name)) {
      Files.copy(golden, file);
    }
    return file;
  }

  private Run replay(Path trace, DType type, Path out) {
    return Run.of("replay", trace.toString(), "--backend", "cpu", "--dtype", DTypeConverter.name(type),
        "--out", out.toString());
  }

  /** Reads OUT.json back as what a trace file would call expected. */
  @SuppressWarnings("unchecked")
  private static List<Snapshot> computed(Path out) throws IOException {
    List<Snapshot> computed = new ArrayList<>();
    try (InputStream in = Files.newInputStream(out)) {
      for (Object item : (List<Object>) JSON.std.mapFrom(in).get("computed")) {
        Map<String, Object> entry = (Map<String, Object>) item;
        assertEquals(List.of("step", "theta", "learningRate", "velocity"), List.copyOf(entry.keySet()));
        computed.add(new Snapshot((int) entry.get("step"), numbers(entry, "theta"), numbers(entry, "learningRate"),
            numbers(entry, "velocity")));
      }
    }
    return computed;
  }

  @SuppressWarnings("unchecked")
  private static double[] numbers(Map<String, Object> entry, String key) {
    return ((List<Number>) entry.get(key)).stream().mapToDouble(Number::doubleValue).toArray();
  }

  @ParameterizedTest
  @CsvSource({NOISY + ", FLOAT32", NOISY + ", FLOAT64", "nlarsm-zero-momentum.json, FLOAT32",
      "nlarcm-zero-momentum.json, FLOAT64"})
  void writesWhatTheTraceExpects(String name, DType type) throws IOException {
    Path trace = trace(name);
    Path out = folder.resolve("out.json");
    assertEquals(ExitCode.OK, replay(trace, type, out).status());
    Trace recorded = Traces.read(trace);
    List<Snapshot> computed = computed(out);
    assertEquals(recorded.reportedSteps(), computed.stream().map(Snapshot::step).toList());
    Map<Quantity, Double> errors = new GoldenResult(recorded, type, computed).errors();
    assertEquals(3, errors.size());
    errors.forEach((quantity, error) -> assertTrue(error <= Tolerances.of(type, quantity), quantity + " " + error));
  }

  @Test
  void withoutMomentumTheVelocityIsZero() throws IOException {
    Path out = folder.resolve("out.json");
    assertEquals(ExitCode.OK, replay(trace("nlarcm-no-momentum.json"), DType.FLOAT32, out).status());
    for (Snapshot snapshot : computed(out)) {
      assertEquals(24, snapshot.velocity().length);
      for (double v : snapshot.velocity()) {
        assertEquals(0, v);
      }
    }
  }

  @Test
  void withoutExpectationsEveryStepIsWritten() throws IOException {
    Path trace = trace(NOISY);
    Map<String, Object> json = JSON.std.mapFrom(Files.readString(trace));
    json.remove("expected");
    Files.writeString(trace, JSON.std.asString(json));
    Path out = folder.resolve("out.json");
    assertEquals(ExitCode.OK, replay(trace, DType.FLOAT64, out).status());
    assertEquals(60, computed(out).size());
  }

  @Test
  void whatCannotBeReadOrWrittenIsSaid() throws IOException {
    Path trace = trace(NOISY);
    Run absent = replay(folder.resolve("absent.json"), DType.FLOAT32, folder.resolve("out.json"));
    assertEquals(ExitCode.FAILED, absent.status());
    assertTrue(absent.err().contains("there is no file " + folder.resolve("absent.json")), absent.err());

    Path garbage = Files.writeString(folder.resolve("garbage.json"), "{\"name\": 3");
    Run foreign = replay(garbage, DType.FLOAT32, folder.resolve("out.json"));
    assertEquals(ExitCode.FAILED, foreign.status());
    assertTrue(foreign.err().contains(garbage + " is no trace"), foreign.err());

    Path nowhere = folder.resolve("nowhere/out.json");
    Run unwritable = replay(trace, DType.FLOAT32, nowhere);
    assertEquals(ExitCode.FAILED, unwritable.status());
    assertTrue(unwritable.err().contains("cannot write " + nowhere), unwritable.err());
    assertFalse(Files.exists(folder.resolve("out.json")), "a failed replay writes nothing");
  }
}
