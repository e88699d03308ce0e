package io.nlar.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.Buffer;
import io.nlar.DType;
import io.nlar.Parameter;
import io.nlar.ParameterGroup;
import io.nlar.Precision;
import io.nlar.Precision.Master;
import io.nlar.Restore;
import io.nlar.Scaling;
import io.nlar.SettingException;
import io.nlar.Slot;
import io.nlar.StateFileException;
import io.nlar.Step;
import io.nlar.StepConfig;
import io.nlar.testkit.BitCase;
import io.nlar.testkit.BitComparison;
import io.nlar.testkit.DeviceModel;
import io.nlar.testkit.GroupSpec;
import io.nlar.testkit.HostValues;
import io.nlar.testkit.Inputs;
import io.nlar.testkit.Layout;
import io.nlar.testkit.ReferenceStep;
import io.nlar.testkit.ReferenceTensor;
import io.nlar.testkit.TensorSpec;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is kept in 16 bits: masters, their exactness, their files, and what is refused. */
public interface LowPrecisionContract extends ContractSupport {
  /** Elements of the parameter under test: odd, and with a tail of every kernel. */
  int LENGTH = 1000 + 37;

  /** With random bits of another seed than the default. */
  Precision COMPACT = Precision.compact().withSeed(5);

  /** Skips the test on a device that keeps nothing in 16 bits. */
  default void assumeNarrowTypes() {
    Assumptions.assumeTrue(device().info().types().containsAll(Set.of(DType.BFLOAT16, DType.FLOAT16)),
        "the device keeps nothing in 16 bits");
  }

  /** A parameter called w, with its step. */
  final class Model implements AutoCloseable {
    final Buffer value;
    final Buffer gradient;
    Step step;

    private final ContractSupport support;
    private final StepConfig config;

    Model(ContractSupport support, DType value, DType gradient, Precision precision) {
      this(support, value, gradient, StepConfig.nlarcm().withPrecision(precision));
    }

    Model(ContractSupport support, DType value, DType gradient, StepConfig config) {
      this.support = support;
      this.config = config;
      this.value = support.device().allocate(value, LENGTH);
      this.gradient = support.device().allocate(gradient, LENGTH);
      step = compile();
    }

    private Step compile() {
      return support.device().compile(List.of(new ParameterGroup(config, List.of(new Parameter("w", value, gradient)))));
    }

    /** Another step goes on from what this one saved. */
    void restart(Path file) throws IOException {
      step.save(file);
      step.close();
      step = compile();
      step.restore(file, Restore.STRICT);
    }

    double[] state(Slot slot) {
      return HostValues.read(step.state("w", slot));
    }

    /** The exact values: of the value's upper half and the remainder, or the master, or the value itself. */
    int[] exact() {
      if (step.config(0).slots(value.type()).contains(Slot.REMAINDER)) {
        short[] hi = bits(value);
        short[] lo = bits(step.state("w", Slot.REMAINDER));
        int[] exact = new int[LENGTH];
        for (int i = 0; i < LENGTH; i++) {
          exact[i] = (hi[i] - (lo[i] < 0 ? 1 : 0)) << 16 | lo[i] & 0xFFFF;
        }
        return exact;
      }
      double[] wide =
          step.config(0).slots(value.type()).contains(Slot.MASTER) ? state(Slot.MASTER) : HostValues.read(value);
      int[] exact = new int[LENGTH];
      for (int i = 0; i < LENGTH; i++) {
        exact[i] = Float.floatToRawIntBits((float) wide[i]);
      }
      return exact;
    }

    @Override
    public void close() {
      step.close();
      value.close();
      gradient.close();
    }
  }

  private static short[] bits(Buffer buffer) {
    short[] bits = new short[LENGTH];
    buffer.copyTo(MemorySegment.ofArray(bits));
    return bits;
  }

  private static double[] gradients(int step) {
    SplittableRandom random = new SplittableRandom(step);
    double[] gradients = new double[LENGTH];
    for (int i = 0; i < LENGTH; i++) {
      gradients[i] = DType.BFLOAT16.round(random.nextGaussian() * (i % 7 == 0 ? 1e-21 : 0.03));
    }
    if (step % 50 == 49) {
      gradients[step % LENGTH] = Double.NaN;
    }
    return gradients;
  }

  /** The promise of the remainder: over skips, saves and restores the exact values are those of a FLOAT32 run. */
  @Test
  default void aValueWithItsRemainderIsTheValueOfAWideRun(@TempDir Path folder) throws IOException {
    assumeNarrowTypes();
    valuesStayThoseOfAWideRun(StepConfig.nlarcm(), lowPrecisionSteps(), 40, folder);
  }

  /** The same over a training's length, on devices that do it in seconds. */
  @Test
  @Tag("slow")
  default void aValueWithItsRemainderIsTheValueOfALongWideRun(@TempDir Path folder) throws IOException {
    assumeNarrowTypes();
    Assumptions.assumeTrue(manyLowPrecisionSteps() > 0, "this device stands for others that are slower by far");
    valuesStayThoseOfAWideRun(StepConfig.nlarcm(), manyLowPrecisionSteps(), 1000, folder);
  }

  /** The same under rules that average, over changes to the value to evaluate and back. */
  @Test
  default void anAveragedValueWithItsRemainderIsTheValueOfAWideRun(@TempDir Path folder) throws IOException {
    assumeNarrowTypes();
    valuesStayThoseOfAWideRun(StepConfig.nlarsf(), Precision.full(), 52, 20, folder);
    valuesStayThoseOfAWideRun(StepConfig.nlarsf(), COMPACT, 52, 20, folder);
    valuesStayThoseOfAWideRun(StepConfig.scheduleFree(), COMPACT, 52, 20, folder);
  }

  private void valuesStayThoseOfAWideRun(StepConfig rule, int steps, int savedEvery, Path folder) throws IOException {
    for (Precision precision : List.of(Precision.full(), COMPACT)) {
      valuesStayThoseOfAWideRun(rule, precision, steps, savedEvery, folder);
    }
  }

  private void valuesStayThoseOfAWideRun(StepConfig rule, Precision precision, int steps, int savedEvery, Path folder)
      throws IOException {
    StepConfig config = rule.withPrecision(precision);
    try (Model wide = new Model(this, DType.FLOAT32, DType.BFLOAT16, config);
        Model narrow = new Model(this, DType.BFLOAT16, DType.BFLOAT16, config);
        Model half = new Model(this, DType.FLOAT16, DType.BFLOAT16, config)) {
      double[] start = new double[LENGTH];
      SplittableRandom random = new SplittableRandom(1);
      for (int i = 0; i < LENGTH; i++) {
        start[i] = DType.FLOAT16.round(DType.BFLOAT16.round(random.nextGaussian()));
      }
      List<Model> models = List.of(wide, narrow, half);
      for (Model model : models) {
        HostValues.write(model.value, start);
        model.step.takeValues();
      }
      for (int step = 0; step < steps; step++) {
        double[] gradients = gradients(step);
        for (Model model : models) {
          HostValues.write(model.gradient, gradients);
          model.step.run(1, 1);
        }
        if (step % savedEvery == savedEvery / 2) {
          for (Model model : models) {
            model.step.evaluate();
            model.step.train();
            model.restart(folder.resolve("state"));
          }
        }
      }
      int[] expected = wide.exact();
      assertArrayEquals(expected, narrow.exact(), "remainder, " + precision);
      assertArrayEquals(expected, half.exact(), "master, " + precision);
      for (Slot slot : config.slots()) {
        assertArrayEquals(wide.state(slot), narrow.state(slot), slot + ", " + precision);
        assertArrayEquals(wide.state(slot), half.state(slot), slot + ", master, " + precision);
      }
      double[] shown = HostValues.read(half.value);
      for (int i = 0; i < LENGTH; i++) {
        assertEquals(DType.FLOAT16.round(Float.intBitsToFloat(expected[i])), shown[i]);
      }
      assertEquals(steps - steps / 50, narrow.step.stats().applied());
    }
  }

  /** Steps of the test above; a slow device may take fewer. */
  default int lowPrecisionSteps() {
    return 400;
  }

  /** Steps of the slow test; 0 where it is left out. */
  default int manyLowPrecisionSteps() {
    return 0;
  }

  /** Gradients of every type in one step, each summed in its own way: one norm bounds them all. */
  @Test
  default void gradientsOfSeveralTypesShareTheNorm() {
    assumeNarrowTypes();
    StepConfig compact = StepConfig.nlarcm().withPrecision(Precision.compact().withSeed(5)).withScaling(new Scaling.GlobalNorm(0.1));
    StepConfig full = StepConfig.nlarsm().withScaling(new Scaling.GlobalNorm(0.1));
    List<GroupSpec> groups = new ArrayList<>(List.of(
        GroupSpec.of(full, DType.FLOAT32, new TensorSpec("a", 1500), new TensorSpec("b", 3, true)),
        GroupSpec.of(compact, DType.BFLOAT16, new TensorSpec("c", 1099, true), new TensorSpec("d", 8)),
        new GroupSpec(compact, DType.FLOAT32, DType.BFLOAT16, List.of(new TensorSpec("e", 64))),
        new GroupSpec(full, DType.BFLOAT16, DType.FLOAT16, List.of(new TensorSpec("f", 77, true))),
        GroupSpec.of(compact, DType.FLOAT16, new TensorSpec("g", 1031), new TensorSpec("h", 0))));
    if (types().contains(DType.FLOAT64)) {
      groups.add(GroupSpec.of(full, DType.FLOAT64, new TensorSpec("i", 250)));
    }
    assertEquals(Optional.empty(), BitComparison.run(device(),
        new BitCase("gradients of every type", 7, groups, 4, Layout.ALLOCATED, Inputs.ORDINARY, false)));
    ReferenceStep reference = new ReferenceStep(groups);
    feed(reference);
    try (DeviceModel model = new DeviceModel(device(), groups, Layout.ALLOCATED)) {
      model.setGradients(reference);
      model.step().await(model.step().run(1, 1));
      double squares = reference.tensors().stream().flatMapToDouble(tensor -> Arrays.stream(tensor.gradient()))
          .map(g -> g * g).sum();
      assertEquals(Math.sqrt(squares), model.step().stats().norm(), 1e-12 * Math.sqrt(squares));
      assertTrue(squares > 0.01, "the bound is reached");
    }
  }

  private static void feed(ReferenceStep reference) {
    for (ReferenceTensor tensor : reference.tensors()) {
      SplittableRandom random = new SplittableRandom(tensor.spec().name().hashCode());
      Arrays.setAll(tensor.gradient(), i -> tensor.storage().gradient().round(random.nextGaussian() * 0.01));
    }
  }

  @Test
  default void theStateTakesTheBytesThatItShould() {
    assumeNarrowTypes();
    record Case(DType value, StepConfig config, int bytes, int once) {
      Case(DType value, Precision precision, int bytes) {
        this(value, StepConfig.nlarcm().withPrecision(precision), bytes, 0);
      }
    }
    StepConfig nlarsf = StepConfig.nlarsf();
    StepConfig scheduleFree = StepConfig.scheduleFree();
    for (Case c : List.of(
        new Case(DType.FLOAT32, Precision.full(), 12), new Case(DType.FLOAT32, Precision.compact(), 6),
        new Case(DType.BFLOAT16, Precision.full(), 12 + 2), new Case(DType.BFLOAT16, Precision.compact(), 6 + 2),
        new Case(DType.BFLOAT16, Precision.compact().withMaster(Master.NONE), 6),
        new Case(DType.FLOAT16, Precision.full(), 12 + 4), new Case(DType.FLOAT16, Precision.compact(), 6 + 4),
        new Case(DType.FLOAT32, nlarsf.withPrecision(Precision.compact()), 4, 3 * 8),
        new Case(DType.BFLOAT16, nlarsf.withPrecision(Precision.compact()), 4 + 2, 3 * 8),
        new Case(DType.BFLOAT16, scheduleFree.withPrecision(Precision.compact().withMaster(Master.NONE)), 4, 2 * 8),
        new Case(DType.FLOAT16, scheduleFree, 8 + 4, 2 * 8))) {
      try (Model model = new Model(this, c.value, c.value, c.config)) {
        assertEquals((long) c.bytes * LENGTH + c.once, model.step.stateBytes(), c.toString());
        assertEquals(model.step.stateBytes(), c.config.stateBytes(c.value, LENGTH), c.toString());
        long held = 0;
        for (Slot slot : model.step.config(0).slots(c.value)) {
          held += model.step.state("w", slot).byteSize();
        }
        assertEquals(held, model.step.stateBytes(), c.toString());
      }
    }
  }

  @Test
  default void whatDoesNotGoTogetherIsRefusedByName() {
    assumeNarrowTypes();
    record Case(DType value, DType gradient, Precision precision, List<String> words) {}
    List<Case> cases = new ArrayList<>(List.of(
        new Case(DType.FLOAT32, DType.FLOAT32, Precision.full().withMaster(Master.REMAINDER), List.of("FLOAT32", "REMAINDER")),
        new Case(DType.FLOAT32, DType.FLOAT32, Precision.full().withMaster(Master.FLOAT32), List.of("FLOAT32", "NONE")),
        new Case(DType.BFLOAT16, DType.BFLOAT16, Precision.full().withMaster(Master.FLOAT32), List.of("BFLOAT16", "REMAINDER")),
        new Case(DType.FLOAT32, DType.FLOAT32, Precision.compact().withMaster(Master.REMAINDER), List.of("FLOAT32", "REMAINDER")),
        new Case(DType.FLOAT16, DType.FLOAT16, Precision.full().withMaster(Master.NONE), List.of("FLOAT16", "FLOAT32")),
        new Case(DType.FLOAT16, DType.FLOAT16, Precision.full().withMaster(Master.REMAINDER), List.of("FLOAT16", "REMAINDER"))));
    if (device().info().types().contains(DType.FLOAT64)) {
      cases.add(new Case(DType.FLOAT64, DType.FLOAT64, Precision.compact(), List.of("FLOAT64", "BFLOAT16")));
      cases.add(new Case(DType.FLOAT64, DType.FLOAT64, Precision.full().withMaster(Master.REMAINDER), List.of("FLOAT64", "REMAINDER")));
      cases.add(new Case(DType.FLOAT64, DType.FLOAT64, Precision.full().withMaster(Master.FLOAT32), List.of("FLOAT64", "NONE")));
    }
    for (Case c : cases) {
      assertRefused(SettingException.class, () -> new Model(this, c.value, c.gradient, c.precision).close(),
          c.words.toArray(String[]::new));
    }
  }

  /** Values from outside count from the next step on, whatever was kept beside those before. */
  @Test
  default void valuesFromOutsideAreTaken() {
    assumeNarrowTypes();
    for (DType type : List.of(DType.BFLOAT16, DType.FLOAT16)) {
      try (Model old = new Model(this, type, type, Precision.compact());
          Model fresh = new Model(this, type, type, Precision.compact())) {
        HostValues.write(old.gradient, gradients(1));
        old.step.run(1, 1);
        double[] loaded = new double[LENGTH];
        for (int i = 0; i < LENGTH; i++) {
          loaded[i] = type.round(0.01 * i);
        }
        for (Model model : List.of(old, fresh)) {
          HostValues.write(model.value, loaded);
          model.step.takeValues();
        }
        assertArrayEquals(fresh.exact(), old.exact(), type.toString());
        assertArrayEquals(loaded, HostValues.read(old.value));
      }
    }
  }

  @Test
  default void theStateOfAWideRunIsTakenOverOnRequest(@TempDir Path folder) throws IOException {
    assumeNarrowTypes();
    Path file = folder.resolve("state");
    try (Model wide = new Model(this, DType.FLOAT32, DType.FLOAT32, Precision.full());
        Model narrow = new Model(this, DType.BFLOAT16, DType.BFLOAT16, Precision.compact())) {
      for (int step = 0; step < 3; step++) {
        HostValues.write(wide.gradient, gradients(step));
        wide.step.run(1, 1);
      }
      wide.step.save(file);
      assertThrows(StateFileException.class, () -> narrow.step.restore(file, Restore.STRICT));
      HostValues.write(narrow.value, HostValues.read(wide.value));
      narrow.step.restore(file, Restore.CONVERTING);
      for (Slot slot : StepConfig.nlarcm().slots()) {
        double[] expected = wide.state(slot);
        for (int i = 0; i < LENGTH; i++) {
          expected[i] = DType.BFLOAT16.round(expected[i]);
        }
        assertArrayEquals(expected, narrow.state(slot), slot.toString());
      }
      assertArrayEquals(new double[LENGTH], narrow.state(Slot.REMAINDER));
      assertEquals(3, narrow.step.stats().applied());
      narrow.step.save(file);
      wide.step.restore(file, Restore.CONVERTING);
      assertArrayEquals(narrow.state(Slot.RATE), wide.state(Slot.RATE));
    }
  }

  /** Rounding is keyed by the tensor's name and the seed, and a bfloat16 value without master drifts nowhere. */
  @Test
  default void roundingIsUnbiasedAndFollowsItsSeed() {
    assumeNarrowTypes();
    Precision rounded = Precision.compact().withMaster(Master.NONE);
    try (Model one = new Model(this, DType.BFLOAT16, DType.BFLOAT16, rounded);
        Model same = new Model(this, DType.BFLOAT16, DType.BFLOAT16, rounded);
        Model other = new Model(this, DType.BFLOAT16, DType.BFLOAT16, rounded.withSeed(1));
        Model exact = new Model(this, DType.FLOAT32, DType.BFLOAT16, Precision.full())) {
      double[] ones = new double[LENGTH];
      Arrays.fill(ones, 1);
      for (int step = 0; step < 20; step++) {
        for (Model model : List.of(one, same, other, exact)) {
          if (step == 0) {
            HostValues.write(model.value, ones);
          }
          HostValues.write(model.gradient, gradients(step));
          model.step.run(1, 1);
        }
      }
      assertArrayEquals(bits(one.value), bits(same.value));
      assertTrue(!Arrays.equals(bits(one.value), bits(other.value)));
      double difference = 0;
      double[] expected = HostValues.read(exact.value);
      double[] actual = HostValues.read(one.value);
      for (int i = 0; i < LENGTH; i++) {
        difference += (actual[i] - expected[i]) / LENGTH;
      }
      // Each step rounds by at most 2^-8 near 1, at random.
      assertTrue(Math.abs(difference) < 6 * 0x1p-8 * Math.sqrt(20.0 / LENGTH), "the mean is off by " + difference);
    }
  }

  @Test
  default void learningRatesComeInTheTypeOfTheArithmetic() {
    assumeNarrowTypes();
    try (Model model = new Model(this, DType.BFLOAT16, DType.BFLOAT16, Precision.compact())) {
      float[] rates = new float[LENGTH];
      model.step.learningRates("w", MemorySegment.ofArray(rates));
      assertEquals((float) DType.BFLOAT16.round(StepConfig.DEFAULT_LEARNING_RATE), rates[LENGTH - 1]);
      assertEquals(LENGTH, model.step.stats().rates().count());
      assertEquals(0, MemorySegment.ofArray(bits(model.value)).get(ValueLayout.JAVA_SHORT, 0));
    }
  }
}
