package io.nlar.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.CallOrderException;
import io.nlar.Control;
import io.nlar.DType;
import io.nlar.ParameterException;
import io.nlar.Scaling;
import io.nlar.SettingException;
import io.nlar.StepConfig;
import io.nlar.testkit.DeviceModel;
import io.nlar.testkit.GroupSpec;
import io.nlar.testkit.HostValues;
import io.nlar.testkit.Layout;
import io.nlar.testkit.ReferenceStep;
import io.nlar.testkit.TensorSpec;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reduce and apply apart, and the scalars that lie on the device. */
public interface SplitRunContract extends ContractSupport {

  private List<GroupSpec> two(Scaling first, Scaling second) {
    return List.of(
        GroupSpec.of(StepConfig.nlarsm().withScaling(first), anyType(), new TensorSpec("a", 1500),
            new TensorSpec("b", 9)),
        GroupSpec.of(StepConfig.nlarcm().withScaling(second), anyType(), new TensorSpec("c", 33)));
  }

  @Test
  default void anEngineMayChangeTheSumsInBetween() {
    for (Scaling scaling : List.of(new Scaling.TensorNorm(0.1), new Scaling.Normalised(2, 2))) {
      List<GroupSpec> groups = two(new Scaling.GlobalNorm(0.2), scaling);
      ReferenceStep reference = new ReferenceStep(groups);
      try (DeviceModel model = new DeviceModel(device(), groups, Layout.SLICED)) {
        startEqually(reference, model, 1);
        for (int number = 1; number <= 4; number++) {
          feedEqually(reference, model, number);
          reference.reduce();
          model.step().reduce();
          for (int i = 0; i < reference.sumsOfSquares().length; i++) {
            reference.sumsOfSquares()[i] *= 2 + i;
          }
          if (number == 3) {
            reference.sumsOfSquares()[0] = Double.NaN;
          }
          HostValues.write(model.step().sumsOfSquares(), reference.sumsOfSquares());
          reference.apply(0.5, 2);
          model.step().apply(0.5, 2);
          assertSameBits("changed sums", number, reference, model);
        }
        assertEquals(1, model.step().stats().skipped());
      }
    }
  }

  /** N·N underflows, b / (N·N) is ∞, and 0·∞ must not come of it. */
  @Test
  default void aFactorOfZeroScalesToZeroHoweverSmallTheNorm() {
    List<GroupSpec> groups = two(new Scaling.Normalised(2, 2), new Scaling.Normalised(2, 1));
    ReferenceStep reference = new ReferenceStep(groups);
    try (DeviceModel model = new DeviceModel(device(), groups, Layout.SLICED)) {
      startEqually(reference, model, 1);
      feedEqually(reference, model, 1);
      reference.reduce();
      model.step().reduce();
      Arrays.fill(reference.sumsOfSquares(), 1e-310);
      HostValues.write(model.step().sumsOfSquares(), reference.sumsOfSquares());
      reference.apply(1e-30, 0);
      model.step().apply(1e-30, 0);
      assertSameBits("a factor of zero", 1, reference, model);
      for (String name : List.of("a", "b", "c")) {
        for (double value : HostValues.read(model.value(name))) {
          assertTrue(Double.isFinite(value), name + " holds " + value);
        }
      }
    }
  }

  @Test
  default void reducingTwiceIsReducingOnce() {
    List<GroupSpec> groups = two(new Scaling.GlobalNorm(0.2), new Scaling.None());
    ReferenceStep reference = new ReferenceStep(groups);
    try (DeviceModel model = new DeviceModel(device(), groups, Layout.SLICED)) {
      feedEqually(reference, model, 9);
      model.step().reduce();
      feedEqually(reference, model, 1);
      reference.run(1, 1);
      model.step().reduce();
      model.step().apply(1, 1);
      assertSameBits("reduced twice", 1, reference, model);
    }
  }

  /** In any order, also twice, and of gradients that change again or become another's. */
  @Test
  default void sumsTakenEarlyChangeNoBit() {
    List<GroupSpec> groups = List.of(
        GroupSpec.of(StepConfig.nlarcm().withScaling(new Scaling.GlobalNorm(0.2)), anyType(), new TensorSpec("a", 1),
            new TensorSpec("b", 300_001), new TensorSpec("c", 1024)),
        GroupSpec.of(StepConfig.nlarsm().withScaling(new Scaling.TensorNorm(0.1)), anyType(), new TensorSpec("d", 1025),
            new TensorSpec("e", 0), new TensorSpec("f", 70_000)));
    SplittableRandom random = new SplittableRandom(5);
    ReferenceStep reference = new ReferenceStep(groups);
    try (DeviceModel model = new DeviceModel(device(), groups, Layout.SLICED)) {
      startEqually(reference, model, 1);
      for (int number = 1; number <= 12; number++) {
        if (number % 3 == 0) {
          feedEqually(reference, model, 100 + number);
          model.step().reduce(random.nextInt(6));
        }
        if (number == 4) { // sums of gradients that no step follows
          IntStream.range(0, 6).forEach(model.step()::reduce);
          model.step().reduce();
          Arrays.fill(reference.sumsOfSquares(), 3);
          HostValues.write(model.step().sumsOfSquares(), reference.sumsOfSquares());
        }
        if (number == 8) { // the same buffers, but the step cannot know
          model.step().reduce(1);
          model.step().rebind(List.of(model.parameter("b")));
        }
        feedEqually(reference, model, number);
        if (number % 3 == 0 || number == 4 || number == 8) {
          IntStream.range(0, 6).forEach(model.step()::reduce);
        } else {
          for (int i = random.nextInt(8); i > 0; i--) {
            model.step().reduce(random.nextInt(6));
          }
        }
        reference.run(0.5, 1);
        model.step().run(0.5, 1);
        assertSameBits("sums taken early", number, reference, model);
      }
      assertEquals(12, model.step().stats().applied());
    }
  }

  @Test
  default void anEarlySumThatIsNotFiniteSkipsTheStep() {
    List<GroupSpec> groups = two(new Scaling.GlobalNorm(0.2), new Scaling.None());
    try (DeviceModel model = new DeviceModel(device(), groups, Layout.ALLOCATED)) {
      double[] broken = new double[9];
      broken[4] = Double.NaN;
      HostValues.write(model.parameter("b").gradient(), broken);
      model.step().reduce(1);
      model.step().await(model.step().run(1, 1));
      assertEquals(1, model.step().stats().skipped());
      HostValues.write(model.parameter("b").gradient(), new double[9]);
      model.step().await(model.step().run(1, 1));
      assertEquals(1, model.step().stats().applied());
    }
  }

  @Test
  default void noParameterOfThatNumberIsRefused() {
    try (DeviceModel model =
        new DeviceModel(device(), two(new Scaling.GlobalNorm(1), new Scaling.None()), Layout.ALLOCATED)) {
      assertRefused(ParameterException.class, () -> model.step().reduce(3), "no parameter 3", "0 to 2");
      assertRefused(ParameterException.class, () -> model.step().reduce(-1), "no parameter -1");
    }
  }

  @Test
  default void aNormThatTheCallerHasIsTaken() {
    List<GroupSpec> groups = two(new Scaling.GlobalNorm(0.2), new Scaling.TensorNorm(0.1));
    ReferenceStep reference = new ReferenceStep(groups);
    try (DeviceModel model = new DeviceModel(device(), groups, Layout.SLICED)) {
      startEqually(reference, model, 1);
      for (int number = 1; number <= 3; number++) {
        feedEqually(reference, model, number);
        for (int i = 0; i < reference.sumsOfSquares().length; i++) {
          reference.sumsOfSquares()[i] = number * (2 + i);
        }
        HostValues.write(model.step().sumsOfSquares(), reference.sumsOfSquares());
        model.step().takeSums();
        reference.apply(0.5, 2);
        model.step().apply(0.5, 2);
        assertSameBits("a norm handed in", number, reference, model);
      }
      assertRefused(CallOrderException.class, () -> model.step().apply(1, 1), "takeSums()");
    }
  }

  @Test
  default void applyWithoutReduceIsRefused() {
    try (DeviceModel model =
        new DeviceModel(device(), two(new Scaling.GlobalNorm(1), new Scaling.None()), Layout.ALLOCATED)) {
      assertRefused(CallOrderException.class, () -> model.step().apply(1, 1), "reduce()");
      model.step().reduce();
      model.step().apply(1, 1);
      assertRefused(CallOrderException.class, () -> model.step().apply(), "reduce()");
      assertEquals(1, model.step().stats().applied());
    }
  }

  @Test
  default void applyAloneWorksWhereNothingIsReduced() {
    List<GroupSpec> groups = two(new Scaling.Soft(1), new Scaling.None());
    ReferenceStep reference = new ReferenceStep(groups);
    try (DeviceModel model = new DeviceModel(device(), groups, Layout.ALLOCATED)) {
      startEqually(reference, model, 1);
      feedEqually(reference, model, 1);
      reference.apply(2, 0.5);
      model.step().apply(2, 0.5);
      assertSameBits("apply alone", 1, reference, model);
    }
  }

  @Test
  default void runsWithoutArgumentsTakeTheScalarsFromTheControlBlock() {
    List<GroupSpec> groups = two(new Scaling.GlobalNorm(0.2), new Scaling.Value(0.05));
    ReferenceStep reference = new ReferenceStep(groups);
    try (DeviceModel model = new DeviceModel(device(), groups, Layout.ALLOCATED)) {
      startEqually(reference, model, 1);
      feedEqually(reference, model, 1);
      reference.run();
      model.step().run();
      assertSameBits("the first run has scalars 1 and 1", 1, reference, model);

      setControl(model.step(), Control.GRADIENT_SCALE, 0.25);
      setControl(model.step(), Control.RATE_FACTOR, 1.0 / 3);
      reference.run(0.25, 1.0 / 3);
      model.step().run();
      assertSameBits("set on the device", 2, reference, model);

      reference.run(3, 0.7);
      model.step().run(3, 0.7);
      reference.run();
      model.step().run();
      assertSameBits("a run with arguments leaves them there", 4, reference, model);

      reference.reduce();
      model.step().reduce();
      setControl(model.step(), Control.GRADIENT_SCALE, 0.125);
      reference.apply(0.125, 0.7);
      model.step().apply();
      assertSameBits("set between reduce and apply", 5, reference, model);
    }
  }

  @Test
  default void theStepNumberLivesOnTheDevice() {
    List<GroupSpec> groups = two(new Scaling.GlobalNorm(0.2), new Scaling.None());
    ReferenceStep reference = new ReferenceStep(groups);
    try (DeviceModel model = new DeviceModel(device(), groups, Layout.ALLOCATED)) {
      startEqually(reference, model, 1);
      // Beyond what 32 bits hold.
      reference.control()[Control.APPLIED.ordinal()] = 5_000_000_000.0;
      setControl(model.step(), Control.APPLIED, 5_000_000_000.0);
      for (int number = 1; number <= 2; number++) {
        feedEqually(reference, model, number);
        reference.run(1, 1);
        model.step().run(1, 1);
      }
      assertSameBits("step 5e9 + 2", 2, reference, model);
      assertEquals(5_000_000_002L, model.step().stats().applied());
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
  default void gradientScalesOutOfRangeAreRefused(double scale) {
    try (DeviceModel model =
        new DeviceModel(device(), two(new Scaling.GlobalNorm(1), new Scaling.None()), Layout.ALLOCATED)) {
      assertRefused(SettingException.class, () -> model.step().run(scale, 1), "gradient scale", "" + scale);
      model.step().reduce();
      assertRefused(SettingException.class, () -> model.step().apply(scale, 1), "gradient scale", "" + scale);
      assertEquals(0, model.step().stats().applied());
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, Double.NaN, Double.POSITIVE_INFINITY})
  default void rateFactorsOutOfRangeAreRefused(double factor) {
    try (DeviceModel model =
        new DeviceModel(device(), two(new Scaling.GlobalNorm(1), new Scaling.None()), Layout.ALLOCATED)) {
      assertRefused(SettingException.class, () -> model.step().run(1, factor), "rate factor", "" + factor);
      assertEquals(0, control(model.step(), Control.COMPLETED));
    }
  }

  @Test
  default void scalarsBeyondTheTypeAreRefused() {
    for (DType type : types()) {
      List<GroupSpec> groups = List.of(GroupSpec.of(StepConfig.nlarsm(), type, new TensorSpec("a", 5)));
      try (DeviceModel model = new DeviceModel(device(), groups, Layout.ALLOCATED)) {
        model.step().reduce();
        if (type == DType.FLOAT32) {
          for (double scale : new double[] {1e-50, 1e39}) {
            assertRefused(SettingException.class, () -> model.step().run(scale, 1), "gradient scale", "" + scale,
                "FLOAT32");
            assertRefused(SettingException.class, () -> model.step().apply(scale, 1), "gradient scale", "FLOAT32");
          }
          assertRefused(SettingException.class, () -> model.step().apply(1, 1e39), "rate factor", "FLOAT32");
        } else {
          model.step().apply(1e-50, 1e39);
        }
        model.step().run(1, 1e-50);
      }
    }
  }
}
