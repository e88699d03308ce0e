package io.nlar.nd4j;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.nlar.ArrayStep;
import io.nlar.Buffer;
import io.nlar.CallOrderException;
import io.nlar.Estimator;
import io.nlar.Momentum;
import io.nlar.Noise;
import io.nlar.NonFinite;
import io.nlar.ParameterException;
import io.nlar.Scaling;
import io.nlar.SettingException;
import io.nlar.Slot;
import io.nlar.StepConfig;
import io.nlar.spi.EngineBuffer;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.autodiff.samediff.TrainingConfig;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.schedule.ExponentialSchedule;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.linalg.schedule.ScheduleType;

/** The updater as ND4J's networks call it, on views of larger arrays, against the same step on plain arrays. */
class NlarUpdaterTest {
  private static final int LENGTH = 37;
  private static final StepConfig CONFIG = StepConfig.nlarcm().withLearningRate(0.02);

  /** Elements in the middle of a longer array, as a network hands them over. */
  private static INDArray view(DataType type, long length) {
    return Nd4j.zeros(type, 1, length + 12).get(NDArrayIndex.all(), NDArrayIndex.interval(5, 5 + length));
  }

  /** A plain step beside, whose parameters are to be those that ND4J's subtraction makes. */
  private static final class Direct implements AutoCloseable {
    private final double[] values = new double[LENGTH];
    private final float[] floatValues = new float[LENGTH];
    private final double[] gradients = new double[LENGTH];
    private final float[] floatGradients = new float[LENGTH];
    private final boolean single;
    private final ArrayStep step;

    Direct(StepConfig config, DataType type) {
      single = type == DataType.FLOAT;
      ArrayStep.Builder builder = ArrayStep.builder(config);
      step = (single ? builder.add("p", floatValues, floatGradients) : builder.add("p", values, gradients)).open();
    }

    void run(double[] given, double factor) {
      for (int i = 0; i < LENGTH; i++) {
        gradients[i] = given[i];
        floatGradients[i] = (float) given[i];
      }
      step.run(1, factor);
    }

    void assertEqual(INDArray parameters, String when) {
      if (single) {
        assertArrayEquals(floatValues, parameters.toFloatVector(), when);
      } else {
        assertArrayEquals(values, parameters.toDoubleVector(), when);
      }
    }

    @Override
    public void close() {
      step.close();
    }
  }

  private static double[] random(Random random) {
    return random.doubles(LENGTH, -1, 1).toArray();
  }

  private static void put(INDArray gradient, double[] values) {
    for (int i = 0; i < values.length; i++) {
      gradient.putScalar(i, values[i]);
    }
  }

  private static void compare(StepConfig config, ISchedule schedule, DataType type) {
    INDArray parameters = view(type, LENGTH);
    INDArray gradient = view(type, LENGTH);
    NlarUpdater updater = new NlarUpdater(config, schedule);
    long stateSize = updater.stateSize(LENGTH);
    var gradientUpdater = updater.instantiate(stateSize == 0 ? null : view(type, stateSize), true);
    Random random = new Random(1);
    try (Direct direct = new Direct(config, type)) {
      for (int i = 0; i < 20; i++) {
        double[] given = random(random);
        put(gradient, given);
        gradientUpdater.applyUpdater(gradient, i, 0);
        parameters.subi(gradient);
        direct.run(given, schedule == null ? 1 : schedule.valueAt(i, 0) / config.rule().learningRate());
        direct.assertEqual(parameters, "step " + i);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(value = DataType.class, names = {"FLOAT", "DOUBLE"})
  void parametersHaveTheBitsOfTheStepItself(DataType type) {
    compare(CONFIG, null, type);
    compare(StepConfig.nlarsm().withScaling(new Scaling.Soft(0.5)), null, type);
    compare(StepConfig.adamw().withWeightDecay(0), null, type);
    compare(StepConfig.nadamw().withWeightDecay(0), null, type);
    compare(StepConfig.lion(), null, type);
    compare(CONFIG.withMomentum(new Momentum.None()), null, type);
    compare(CONFIG, new ExponentialSchedule(ScheduleType.ITERATION, 0.02, 0.9), type);
  }

  @Test
  void theGradientIsUpdatedWhereItIsAndNothingBesideIt() {
    INDArray all = Nd4j.valueArrayOf(new long[] {1, LENGTH + 12}, 7.0, DataType.DOUBLE);
    INDArray gradient = all.get(NDArrayIndex.all(), NDArrayIndex.interval(5, 5 + LENGTH));
    NlarGradientUpdater updater = new NlarUpdater(CONFIG).instantiate(view(DataType.DOUBLE, 3 * LENGTH), true);
    updater.applyUpdater(gradient, 0, 0);
    assertEquals(all.data().pointer().address() + 5 * Double.BYTES, updater.gradients().address());
    assertEquals(LENGTH * Double.BYTES, updater.gradients().byteSize());
    for (int i = 0; i < all.length(); i++) {
      assertEquals(i < 5 || i >= 5 + LENGTH, all.getDouble(i) == 7.0, "element " + i);
    }
  }

  /** On gradients that stay, and on those that are elsewhere in every step. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void aStepAllocatesNothingOnTheHeap(int places) {
    INDArray[] gradients = new INDArray[places];
    Arrays.setAll(gradients, i -> view(DataType.FLOAT, LENGTH).addi(0.5));
    NlarGradientUpdater updater = new NlarUpdater(CONFIG).instantiate(view(DataType.FLOAT, 3 * LENGTH), true);
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long thread = Thread.currentThread().threadId();
    int steps = 2000;
    double least = Double.MAX_VALUE;
    for (int round = 0; round < 100 && least >= 1; round++) {
      long before = threads.getThreadAllocatedBytes(thread);
      for (int i = 0; i < steps; i++) {
        updater.applyUpdater(gradients[i % places], i, 0);
      }
      least = Math.min(least, (threads.getThreadAllocatedBytes(thread) - before) / (double) steps);
    }
    assertTrue(least < 1, least + " bytes a step");
  }

  @Test
  void theStepKeepsItsStateInNd4jsArray() {
    INDArray state = view(DataType.FLOAT, 3 * LENGTH);
    NlarGradientUpdater updater = new NlarUpdater(CONFIG).instantiate(state, true);
    long address = state.data().pointer().address() + state.offset() * Float.BYTES;
    for (Slot slot : CONFIG.slots()) {
      assertEquals(new Extent(address, LENGTH * Float.BYTES),
          Extent.of(updater.step().state("gradient", slot)), slot.label());
      address += LENGTH * Float.BYTES;
    }
  }

  /** Where memory lies, and how many bytes. */
  private record Extent(long start, long bytes) {
    static Extent of(Buffer buffer) {
      io.nlar.spi.Extent extent = ((EngineBuffer) buffer).extent();
      return new Extent(extent.start(), extent.bytes());
    }
  }

  /** As ND4J restores a network: it assigns to the array that the updater was once given. */
  @Test
  void theStateIsInNd4jsArray() {
    NlarUpdater config = new NlarUpdater(CONFIG);
    INDArray state = view(DataType.DOUBLE, 3 * LENGTH);
    INDArray otherState = view(DataType.DOUBLE, 3 * LENGTH);
    NlarGradientUpdater updater = config.instantiate(state, true);
    NlarGradientUpdater other = config.instantiate(otherState, true);
    assertEquals(Set.of("velocity", "rate", "weight"), updater.getState().keySet());
    assertEquals(0.02, updater.getState().get("rate").getDouble(3), "rates start at λ");
    INDArray gradient = view(DataType.DOUBLE, LENGTH);
    INDArray otherGradient = view(DataType.DOUBLE, LENGTH);
    Random random = new Random(2);
    for (int i = 0; i < 20; i++) {
      if (i == 10) {
        otherState.assign(state);
      }
      if (i == 15) { // as SameDiff restores
        Map<String, INDArray> copies = new java.util.HashMap<>(updater.getState());
        copies.replaceAll((name, array) -> array.dup());
        other = config.instantiate(copies, false);
      }
      double[] given = random(random);
      put(gradient, given);
      put(otherGradient, given);
      updater.applyUpdater(gradient, i, 0);
      other.applyUpdater(otherGradient, i, 0);
      if (i >= 10) {
        assertArrayEquals(gradient.toDoubleVector(), otherGradient.toDoubleVector(), "step " + i);
      } else {
        otherState.addi(0.25);
      }
    }
  }

  /** The state belongs to elements, not to places: a gradient of another order, or with gaps, is the same gradient. */
  @Test
  void gradientsOfAnyOrderAreTheSame() {
    NlarUpdater config = new NlarUpdater(CONFIG);
    INDArray values = Nd4j.linspace(DataType.DOUBLE, -1, 0.1, 20).reshape('c', 4, 5);
    List<INDArray> forms = List.of(values.dup('c'), values.dup('f'),
        Nd4j.zeros(DataType.DOUBLE, 4, 10).get(NDArrayIndex.all(), NDArrayIndex.interval(0, 2, 10)).assign(values));
    List<NlarGradientUpdater> updaters = forms.stream().map(form -> {
      NlarGradientUpdater updater = new NlarGradientUpdater(config);
      updater.setStateViewArray(view(DataType.DOUBLE, 60), new long[] {4, 5}, 'c', true);
      return updater;
    }).toList();
    for (int i = 0; i < 6; i++) {
      INDArray expected = null;
      for (int j = 0; j < updaters.size(); j++) {
        INDArray gradient = forms.get((i + j) % forms.size()); // a form that the updater had not before
        gradient.assign(values);
        updaters.get(j).applyUpdater(gradient, i, 0);
        expected = j == 0 ? gradient.dup() : expected;
        assertEquals(expected, gradient, "updater " + j + ", step " + i);
      }
      values.put(0, 1, i).put(2, 3, -i); // so that places differ
    }
    assertNotEquals(values, forms.getFirst());
  }

  private static List<StepConfig> settings() {
    return List.of(CONFIG, StepConfig.nlarsm().withRule(new Estimator.Nlarsm(0.3, 2, 1e-30, 1e-5)),
        StepConfig.nlarpm().withMomentum(new Momentum.InverseSqrt(0.5)).withScaling(new Scaling.None()),
        StepConfig.adamw().withWeightDecay(0).withScaling(new Scaling.Normalised(3, 2)),
        StepConfig.nadamw().withWeightDecay(0), StepConfig.lion().withLearningRate(1.0 / 3),
        CONFIG.withNonFinite(NonFinite.FAIL).withScaling(new Scaling.TensorNorm(1.0 / 3)));
  }

  @Test
  void settingsSurviveNd4jsJson() {
    ISchedule schedule = new ExponentialSchedule(ScheduleType.ITERATION, 0.1, 0.9);
    for (StepConfig config : settings()) {
      for (NlarUpdater updater : List.of(new NlarUpdater(config), new NlarUpdater(config, schedule))) {
        TrainingConfig training = new TrainingConfig.Builder().updater(updater).dataSetFeatureMapping("x")
            .dataSetLabelMapping("y").build();
        assertEquals(updater, TrainingConfig.fromJson(training.toJson()).getUpdater());
        assertEquals(updater, updater.clone());
        assertEquals(updater.hashCode(), updater.clone().hashCode());
      }
    }
    assertNotEquals(new NlarUpdater(CONFIG), new NlarUpdater(CONFIG, schedule));
    String unknown = new TrainingConfig.Builder().updater(new NlarUpdater()).dataSetFeatureMapping("x")
        .dataSetLabelMapping("y").build().toJson().replace("Nlarcm", "Nlarxm");
    Throwable failure = assertThrows(Exception.class, () -> TrainingConfig.fromJson(unknown));
    StringBuilder said = new StringBuilder();
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      said.append(cause.getMessage()).append('\n');
    }
    assertTrue(said.toString().contains("expected one of ") && said.toString().contains("'Nlarxm("), said::toString);
  }

  @Test
  void theLearningRateAndItsScheduleCanBeSet() {
    NlarUpdater updater = new NlarUpdater(CONFIG);
    assertEquals(0.02, updater.getLearningRate(3, 0));
    updater.setLrAndSchedule(0.5, null);
    assertEquals(CONFIG.withLearningRate(0.5), updater.config());
    ISchedule schedule = new ExponentialSchedule(ScheduleType.ITERATION, 0.5, 0.5);
    updater.setLrAndSchedule(Double.NaN, schedule);
    assertEquals(0.25, updater.getLearningRate(1, 0));
    assertEquals(0.5, updater.rateFactor(1, 0));
  }

  /** The settings of a running updater change as ND4J changes them: in the object that the updater was made by. */
  @Test
  void anotherRateInMidRunKeepsTheState() {
    NlarUpdater config = new NlarUpdater(StepConfig.nlarsm().withMomentum(new Momentum.None()).withLearningRate(0.5));
    NlarGradientUpdater updater = config.instantiate((INDArray) null, true);
    INDArray gradient = Nd4j.createFromArray(new double[] {0.5, 0});
    updater.applyUpdater(gradient, 0, 0);
    assertArrayEquals(new double[] {0.25, 0}, gradient.toDoubleVector());
    config.setLrAndSchedule(0.25, null);
    updater.applyUpdater(gradient, 1, 0);
    assertArrayEquals(new double[] {0.0625, 0}, gradient.toDoubleVector());
  }

  @Test
  void gradientsThatAreNotFiniteMakeNoUpdate() {
    NlarGradientUpdater updater = new NlarUpdater(CONFIG).instantiate(view(DataType.FLOAT, 3 * LENGTH), true);
    INDArray gradient = view(DataType.FLOAT, LENGTH);
    put(gradient, random(new Random(3)));
    gradient.putScalar(7, Float.NaN);
    float[] before = updater.getState().get("rate").toFloatVector();
    updater.applyUpdater(gradient, 0, 0);
    assertEquals(0, gradient.ameanNumber().doubleValue());
    assertArrayEquals(before, updater.getState().get("rate").toFloatVector());
  }

  private static void assertRefused(Class<? extends Throwable> kind, String remedy, Runnable action) {
    Throwable failure = assertThrows(kind, action::run);
    assertTrue(failure.getMessage().contains(remedy), failure.getMessage());
  }

  @Test
  void whatDoesNotFitIsRefusedWithWhatToDo() {
    assertRefused(SettingException.class, "new WeightDecay(0.5, true)", () -> new NlarUpdater(CONFIG.withWeightDecay(0.5)));
    assertRefused(SettingException.class, "Noise.None", () -> new NlarUpdater(CONFIG.withNoise(new Noise.Fresh(1))));
    assertRefused(SettingException.class, "nlarsf evaluates", () -> new NlarUpdater(StepConfig.nlarsf()));
    assertRefused(SettingException.class, "withLearningRate", () -> new NlarUpdater(CONFIG.withLearningRate(0),
        new ExponentialSchedule(ScheduleType.ITERATION, 0.1, 0.9)));
    NlarUpdater config = new NlarUpdater(CONFIG);
    INDArray gradient = view(DataType.FLOAT, LENGTH);
    NlarGradientUpdater none = new NlarGradientUpdater(config);
    assertRefused(CallOrderException.class, "setStateViewArray", () -> none.applyUpdater(gradient, 0, 0));
    assertRefused(ParameterException.class, "3 times 37", () -> none.setStateViewArray(view(DataType.FLOAT, LENGTH),
        new long[] {LENGTH}, 'c', true));
    assertRefused(ParameterException.class, "velocity", () -> config.instantiate(Map.of("M", gradient), false));
    NlarGradientUpdater updater = config.instantiate(view(DataType.FLOAT, 3 * LENGTH), true);
    assertRefused(ParameterException.class, "37", () -> updater.applyUpdater(view(DataType.FLOAT, 5), 0, 0));
    assertRefused(ParameterException.class, "FLOAT64", () -> updater.applyUpdater(view(DataType.DOUBLE, LENGTH), 0, 0));
    assertRefused(ParameterException.class, "dataType(DataType.FLOAT)",
        () -> updater.applyUpdater(view(DataType.FLOAT16, LENGTH), 0, 0));
  }
}
