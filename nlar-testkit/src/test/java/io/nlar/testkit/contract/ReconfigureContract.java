package io.nlar.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.nlar.DType;
import io.nlar.Estimator;
import io.nlar.Momentum;
import io.nlar.Noise;
import io.nlar.NonFinite;
import io.nlar.ParameterException;
import io.nlar.Scaling;
import io.nlar.SettingException;
import io.nlar.StepConfig;
import io.nlar.testkit.DeviceModel;
import io.nlar.testkit.GroupSpec;
import io.nlar.testkit.Layout;
import io.nlar.testkit.ReferenceStep;
import io.nlar.testkit.TensorSpec;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Settings that change in mid-run; the state stays. */
public interface ReconfigureContract extends ContractSupport {

  private static StepConfig first() {
    return StepConfig.nlarsm().withRule(new Estimator.Nlarsm(0.1, 0.1, 0.01, 0)).withNoise(new Noise.Fresh(1));
  }

  private List<GroupSpec> groups(DType type) {
    return List.of(
        GroupSpec.of(first(), type, new TensorSpec("a", 1030)),
        GroupSpec.of(StepConfig.nlarcm().withScaling(new Scaling.None()), type, new TensorSpec("b", 33)));
  }

  @Test
  default void changedSettingsHoldFromTheNextStepOn() {
    List<StepConfig> changes = List.of(
        first().withLearningRate(0.3).withPriorWeight(-2).withNoiseScale(0.5),
        first().withWeightDecay(0.1),
        first().withMomentum(new Momentum.InverseSqrt(0.5)),
        first().withMomentum(new Momentum.Constant(2)),
        first().withNoise(new Noise.Fresh(99)),
        first().withNoise(new Noise.Fresh(99, Noise.Distribution.STUDENT_T)),
        first().withRule(new Estimator.Nlarsm(0.1, 0.1, 0.01, 0.2)),
        first().withScaling(new Scaling.GlobalNorm(0.01)),
        first().withScaling(new Scaling.TensorNorm(0.01)),
        first().withScaling(new Scaling.Normalised(2, 1)),
        first().withScaling(new Scaling.Normalised(2, 2)),
        first().withScaling(new Scaling.Value(0.01)),
        first().withScaling(new Scaling.Soft(0.01)),
        first().withScaling(new Scaling.None()),
        first().withScaling(new Scaling.None()).withNonFinite(NonFinite.SKIP),
        first().withNonFinite(NonFinite.FAIL),
        first());
    for (DType type : types()) {
      ReferenceStep reference = new ReferenceStep(groups(type));
      try (DeviceModel model = new DeviceModel(device(), groups(type), Layout.SLICED)) {
        startEqually(reference, model, 1);
        int number = 0;
        for (StepConfig change : changes) {
          reference.reconfigure(0, change);
          model.step().reconfigure(0, change);
          assertEquals(change, model.step().config(0));
          number++;
          feedEqually(reference, model, number);
          reference.run(0.5, 0.9);
          model.step().run(0.5, 0.9);
          assertSameBits("reconfigured to " + change, number, reference, model);
        }
      }
    }
  }

  @Test
  default void changesThatNeedOtherStateAreRefused() {
    try (DeviceModel model = new DeviceModel(device(), groups(anyType()), Layout.ALLOCATED)) {
      for (StepConfig change : List.of(StepConfig.nlarcm().withNoise(new Noise.Fresh(1)),
          first().withNoise(new Noise.None()), first().withNoise(new Noise.Frozen(1)),
          first().withMomentum(new Momentum.None()), first().withMomentum(new Momentum.Inverse(0)))) {
        assertRefused(SettingException.class, () -> model.step().reconfigure(0, change), "group 0", "step of its own");
        assertEquals(first(), model.step().config(0));
      }
      assertRefused(ParameterException.class, () -> model.step().reconfigure(2, first()), "2");
      model.step().run(1, 1);
    }
  }

  /** Nesterov's momentum keeps the same state, but is another kernel. */
  @Test
  default void nesterovsMomentumNeedsAStepOfItsOwn() {
    List<GroupSpec> groups = List.of(GroupSpec.of(StepConfig.adamw(), anyType(), new TensorSpec("a", 5)));
    ReferenceStep reference = new ReferenceStep(groups);
    try (DeviceModel model = new DeviceModel(device(), groups, Layout.ALLOCATED)) {
      assertRefused(SettingException.class, () -> model.step().reconfigure(0, StepConfig.nadamw()), "group 0", "nesterov=false",
          "nesterov=true", "step of its own");
      startEqually(reference, model, 1);
      feedEqually(reference, model, 1);
      reference.run(1, 1);
      model.step().run(1, 1);
      assertSameBits("refused", 1, reference, model);
    }
  }

  /** The slot holds what the first seed and distribution gave. */
  @Test
  default void frozenNoiseStaysWhatItIs() {
    StepConfig frozen = first().withNoise(new Noise.Frozen(1));
    List<GroupSpec> groups = List.of(GroupSpec.of(frozen, anyType(), new TensorSpec("a", 5)));
    try (DeviceModel model = new DeviceModel(device(), groups, Layout.ALLOCATED)) {
      assertRefused(SettingException.class, () -> model.step().reconfigure(0, frozen.withNoise(new Noise.Frozen(2))),
          "seed=1", "seed=2");
      assertRefused(SettingException.class,
          () -> model.step().reconfigure(0, frozen.withNoise(new Noise.Frozen(1, Noise.Distribution.LAPLACE))), "LAPLACE");
      model.step().reconfigure(0, frozen.withLearningRate(0.2));
      model.step().run(1, 1);
    }
  }

  @Test
  default void settingsBeyondTheTypeAreRefused() {
    Assumptions.assumeTrue(types().contains(DType.FLOAT32), "the device does not know float32");
    StepConfig value = first().withScaling(new Scaling.Value(1));
    try (DeviceModel model = new DeviceModel(device(), groups(DType.FLOAT32), Layout.ALLOCATED)) {
      refuseBeyond(model, "learning rate", first().withLearningRate(1e39));
      refuseBeyond(model, "prior weight", first().withPriorWeight(-1e39));
      refuseBeyond(model, "noise scale", first().withNoiseScale(1e39));
      refuseBeyond(model, "lower clip", first().withRule(new Estimator.Nlarsm(0.1, 0.1, 0.01, 1e39)));
      refuseBeyond(model, "momentum", first().withMomentum(new Momentum.Constant(1e39)));
      refuseBeyond(model, "weight decay", first().withWeightDecay(1e39).withLearningRate(10));
      refuseBeyond(model, "scaling bound", value.withScaling(new Scaling.Value(1e39)));
      refuseBeyond(model, "scaling bound", value.withScaling(new Scaling.Soft(1e-50)));
      // A norm is held to its bound in binary64.
      model.step().reconfigure(0, first().withScaling(new Scaling.GlobalNorm(1e39)));
      model.step().run(1, 1);
    }
  }

  private void refuseBeyond(DeviceModel model, String setting, StepConfig config) {
    assertRefused(SettingException.class, () -> model.step().reconfigure(0, config), "group 0", setting, "FLOAT32");
    List<GroupSpec> groups = List.of(GroupSpec.of(config, DType.FLOAT32, new TensorSpec("a", 5)));
    assertRefused(SettingException.class, () -> new DeviceModel(device(), groups, Layout.ALLOCATED), "group 0",
        setting, "FLOAT32");
  }
}
