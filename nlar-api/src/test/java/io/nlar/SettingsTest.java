package io.nlar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.EnumSet;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {

  record Setting(String name, boolean zeroAllowed, boolean negativeAllowed, Function<Double, Object> make) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Setting> settings() {
    return Stream.of(
        new Setting("learning rate", true, false, v -> StepConfig.nlarcm().withLearningRate(v)),
        new Setting("prior weight", true, true, v -> StepConfig.nlarsm().withPriorWeight(v)),
        new Setting("noise scale", true, false, v -> StepConfig.nlarpm().withNoiseScale(v)),
        new Setting("lower clip", true, false, v -> new Estimator.Nlarsm(0.1, 1, 0, v)),
        new Setting("secant weight", true, false, v -> new Estimator.Nlarbb(0.1, 1, 0, v)),
        new Setting("momentum", true, false, Momentum.Inverse::new),
        new Setting("momentum", true, false, Momentum.InverseSqrt::new),
        new Setting("momentum", true, false, Momentum.Constant::new),
        new Setting("weight decay", true, false, v -> StepConfig.nlarcm().withWeightDecay(v)),
        new Setting("learning rate", true, false, v -> StepConfig.adamw().withLearningRate(v)),
        new Setting("beta1", true, false, v -> new AdamW(1e-3, v, 0.999, 1e-8)),
        new Setting("beta2", true, false, v -> new AdamW(1e-3, 0.9, v, 1e-8)),
        new Setting("epsilon", false, false, v -> new AdamW(1e-3, 0.9, 0.999, v)),
        new Setting("learning rate", true, false, v -> StepConfig.lion().withLearningRate(v)),
        new Setting("beta1", true, false, v -> new Lion(1e-4, v, 0.99)),
        new Setting("beta2", true, false, v -> new Lion(1e-4, 0.9, v)),
        new Setting("bound", false, false, Scaling.GlobalNorm::new),
        new Setting("bound", false, false, Scaling.TensorNorm::new),
        new Setting("bound", false, false, v -> new Scaling.Normalised(v, 1)),
        new Setting("bound", false, false, Scaling.Value::new),
        new Setting("bound", false, false, Scaling.Soft::new));
  }

  @ParameterizedTest
  @MethodSource("settings")
  void outOfRangeIsNamedWithTheValueGiven(Setting setting) {
    setting.make.apply(0.5);
    for (double value : new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, -1, 0, -0.0}) {
      boolean allowed = value == 0 ? setting.zeroAllowed : Double.isFinite(value) && setting.negativeAllowed;
      if (allowed) {
        setting.make.apply(value);
      } else {
        SettingException e = assertThrows(SettingException.class, () -> setting.make.apply(value));
        assertTrue(e.getMessage().contains(setting.name) && e.getMessage().contains(Double.toString(value)),
            e::getMessage);
      }
    }
  }

  /** Each message says what the rule lacks and where to go. */
  @Test
  void adamWRefusesWhatBelongsToEstimators() {
    StepConfig adamW = StepConfig.adamw();
    AdamW rule = (AdamW) adamW.rule();
    refused(() -> adamW.withPriorWeight(1), "adamw", "no Nlar estimator", "start from StepConfig.nlarcm()");
    refused(() -> adamW.withNoiseScale(1), "adamw", "no Nlar estimator", "start from StepConfig.nlarcm()");
    refused(() -> adamW.withMomentum(new Momentum.Constant(0.9)), "Constant[momentum=0.9]", "use Momentum.None");
    refused(() -> adamW.withNoise(new Noise.Fresh(1)), "Fresh[seed=1, distribution=UNIFORM]", "Noise.None");
    refused(() -> StepConfig.nlarcm().withRule(rule), "Inverse[momentum=1.0]", "start from StepConfig.adamw()");
    refused(() -> rule.withBetas(1, 0.5), "beta1", "1.0");
    refused(() -> rule.withBetas(0.5, 1), "beta2", "1.0");
    refused(() -> StepConfig.lion().withPriorWeight(1), "lion", "no Nlar estimator", "start from StepConfig.nlarcm()");
    refused(() -> StepConfig.nlarcm().withRule(StepConfig.lion().rule()), "Inverse[momentum=1.0]", "start from StepConfig.lion()");
    refused(() -> ((Lion) StepConfig.lion().rule()).withBetas(0.5, 1), "beta2", "1.0");
  }

  /** All else stays as it is. */
  @Test
  void nadamwIsAdamwWithNesterovsMomentum() {
    StepConfig nadamw = StepConfig.nadamw();
    AdamW rule = (AdamW) nadamw.rule();
    assertTrue(rule.nesterov());
    assertEquals(StepConfig.adamw(), nadamw.withRule(rule.withNesterov(false)));
    assertEquals(new AdamW(1, 0.5, 0.25, 1e-3, true),
        rule.withLearningRate(1).withBetas(0.5, 0.25).withEpsilon(1e-3));
  }

  /** Texts were written before there was the choice; and what is no truth value is none. */
  @Test
  void theTextOfAdamwMayEndBeforeNesterov() {
    String text = StepConfig.adamw().text();
    String older = text.replace(", nesterov=false", "");
    assertTrue(older.length() < text.length(), text);
    assertEquals(StepConfig.adamw(), StepConfig.parse(older));
    assertEquals(StepConfig.nadamw(), StepConfig.parse(text.replace("nesterov=false", "nesterov=true")));
    refused(() -> StepConfig.parse(text.replace("nesterov=false", "nesterov=yes")), "expected true or false", "'yes");
  }

  private static void refused(Executable action, String... words) {
    String message = assertThrows(SettingException.class, action).getMessage();
    for (String word : words) {
      assertTrue(message.contains(word), message);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 3})
  void powersOtherThanOneAndTwoAreRefused(int power) {
    assertThrows(SettingException.class, () -> new Scaling.Normalised(1, power));
  }

  @Test
  void uncheckedIsRefusedWhereTheNormChecksAnyway() {
    assertThrows(SettingException.class, () -> StepConfig.nlarcm().withNonFinite(NonFinite.UNCHECKED));
    StepConfig.nlarcm().withScaling(new Scaling.Value(1)).withNonFinite(NonFinite.UNCHECKED);
  }

  /** As engines that ship closures do it. */
  @Test
  void settingsAreSerialised() throws IOException, ClassNotFoundException {
    for (StepConfig config : List.of(StepConfig.nlarsm(), StepConfig.nlarcm().withScaling(new Scaling.Soft(2)),
        StepConfig.nlarpm().withNoise(new Noise.Fresh(7, Noise.Distribution.LAPLACE)), StepConfig.adamw().withScaling(new Scaling.Normalised(1, 2)),
        StepConfig.nlarcm().withMomentum(new Momentum.InverseSqrt(0.5)).withNonFinite(NonFinite.FAIL))) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
        out.writeObject(config);
      }
      try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
        assertEquals(config, in.readObject());
      }
    }
  }

  @Test
  void slotsFollowMomentumAndNoise() {
    StepConfig momentum = StepConfig.nlarcm();
    assertEquals(EnumSet.of(Slot.VELOCITY, Slot.RATE, Slot.WEIGHT), momentum.slots());
    assertEquals(EnumSet.of(Slot.VELOCITY, Slot.RATE, Slot.WEIGHT, Slot.NOISE),
        momentum.withNoise(new Noise.Frozen(1)).slots());
    assertEquals(EnumSet.of(Slot.VELOCITY, Slot.RATE, Slot.WEIGHT, Slot.PREVIOUS), StepConfig.nlarbb().slots());
    StepConfig none = momentum.withMomentum(new Momentum.None());
    assertEquals(EnumSet.noneOf(Slot.class), StepConfig.nlarbb().withMomentum(none.momentum()).slots());
    assertEquals(EnumSet.noneOf(Slot.class), none.slots());
    assertEquals(none.slots(), momentum.withMomentum(new Momentum.Constant(0)).slots());
    assertEquals(EnumSet.of(Slot.RATE, Slot.WEIGHT), none.withNoise(new Noise.Fresh(1)).slots());
  }

  @Test
  void stateBytesAreKnownBeforeAnythingIsAllocated() {
    assertEquals(12L << 33, StepConfig.nlarcm().stateBytes(DType.FLOAT32, 1L << 33));
    assertEquals(24, StepConfig.nlarsm().stateBytes(DType.FLOAT64, 1));
    assertEquals(0, StepConfig.nlarsm().withMomentum(new Momentum.None()).stateBytes(DType.FLOAT64, 7));
    for (long length : new long[] {-1, Long.MAX_VALUE}) {
      String message = assertThrows(SettingException.class,
          () -> StepConfig.nlarcm().stateBytes(DType.FLOAT32, length)).getMessage();
      assertTrue(message.contains("" + length), message);
    }
  }

  @ParameterizedTest
  @MethodSource("everyKind")
  void textIsReadBackToTheBit(StepConfig config) {
    String text = config.text();
    assertEquals(config, StepConfig.parse(text));
    assertEquals(config, StepConfig.parse("  " + text.replace(",", "\n , ").replace("(", " ( ").replace("=", " = ")));
    assertEquals(text, StepConfig.parse(text).text());
  }

  static Stream<StepConfig> everyKind() {
    StepConfig base = StepConfig.nlarcm();
    return Stream.concat(
        Stream.of(StepConfig.nlarsm(), base, StepConfig.nlarpm(), StepConfig.nlarbb(), StepConfig.adamw(), StepConfig.nadamw(), StepConfig.lion(),
            base.withLearningRate(0.1 + 0.2).withNoiseScale(Double.MIN_VALUE).withWeightDecay(1e300)),
        Stream.concat(
            Stream.of(new Scaling.TensorNorm(2), new Scaling.Normalised(1e-9, 2), new Scaling.Value(3),
                new Scaling.Soft(4), new Scaling.None()).map(base::withScaling),
            Stream.concat(
                Stream.of(new Momentum.InverseSqrt(0.5), new Momentum.Constant(2), new Momentum.None())
                    .map(base::withMomentum),
                Stream.concat(
                    Stream.of(new Noise.Frozen(Long.MIN_VALUE), new Noise.Fresh(7, Noise.Distribution.STUDENT_T)).map(base::withNoise),
                    Stream.concat(Stream.of(NonFinite.SKIP, NonFinite.FAIL).map(base::withNonFinite),
                        Stream.of(Precision.compact().withMaster(Precision.Master.NONE).withSeed(-1))
                            .map(base::withPrecision))))));
  }

  /** What is written into files now is read by every later version. */
  @Test
  void theTextIsStable() {
    assertEquals("StepConfig(scaling=GlobalNorm(bound=1.0), rule=Nlarcm(learningRate=0.1, priorWeight=0.1,"
        + " noiseScale=1.0E-19), momentum=Inverse(momentum=1.0), noise=None(), weightDecay=0.0, nonFinite=AUTO,"
        + " precision=Precision(state=FULL, master=AUTO, seed=0))",
        StepConfig.nlarcm().text());
  }

  /** Texts of before distributions, and before precisions. */
  @Test
  void earlierTextsAreRead() {
    StepConfig noisy = StepConfig.nlarcm().withNoise(new Noise.Frozen(-3));
    String text = noisy.text();
    String earlier = text.replace(", distribution=UNIFORM", "");
    assertEquals(noisy, StepConfig.parse(earlier));
    String before = earlier.replace(", precision=Precision(state=FULL, master=AUTO, seed=0)", "");
    assertEquals(noisy, StepConfig.parse(before));
    assertTrue(text.length() > earlier.length() && earlier.length() > before.length(), text);
    for (String shorter : List.of(before.replace("seed=-3", ""), before.replace(", nonFinite=AUTO", ""))) {
      assertThrows(SettingException.class, () -> StepConfig.parse(shorter));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Step", "scaling=GlobalNorm(bound=1.0)=>StepConfig(", "GlobalNorm=>Clip|one of GlobalNorm",
      "rule=>rules|'rule'", "bound=1.0=>bound=one|a number (double)", "bound=1.0=>bound=|a number", "AUTO=>auto|one of AUTO",
      "0))=>0)|')'", "0))=>0))x|the end", "learningRate=0.1=>learningRate=-1|learning rate"})
  void anotherTextIsRefusedWithWhereAndWhat(String change) {
    String[] parts = change.split("=>|\\|");
    String text = parts.length < 2 ? change : StepConfig.nlarcm().text().replace(parts[0], parts[1]);
    String message = assertThrows(SettingException.class, () -> StepConfig.parse(text)).getMessage();
    assertTrue(message.contains(parts.length > 2 ? parts[2] : "expected"), message);
  }

  @Test
  void statisticsAreReadable() {
    RateHistogram rates = new RateHistogram();
    assertEquals("0 steps applied, 0 skipped; learning rates: 0", new StepStats(0, 0, false, Double.NaN, rates).toString());
    rates.add(0.01, 90);
    rates.add(-0.5, 10);
    rates.add(Double.NaN, 3);
    assertEquals("4 steps applied, 1 skipped, the last one too; norm 0.0123; learning rates: 100, 10 % below 1.1e-02, half"
        + " below 1.1e-02, 90 % below 1.1e-02, 10 negative, besides 3 NaN",
        new StepStats(4, 1, true, 0.012345, rates).toString());
  }
}
