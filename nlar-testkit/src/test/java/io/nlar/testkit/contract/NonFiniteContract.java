package io.nlar.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.Control;
import io.nlar.DType;
import io.nlar.Estimator;
import io.nlar.Momentum;
import io.nlar.Noise;
import io.nlar.NonFinite;
import io.nlar.NonFiniteGradientException;
import io.nlar.Scaling;
import io.nlar.Slot;
import io.nlar.Step;
import io.nlar.StepConfig;
import io.nlar.testkit.DeviceModel;
import io.nlar.testkit.GroupSpec;
import io.nlar.testkit.HostValues;
import io.nlar.testkit.Layout;
import io.nlar.testkit.ReferenceStep;
import io.nlar.testkit.TensorSpec;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a step does on NaN, infinite and overflowing gradients. */
public interface NonFiniteContract extends ContractSupport {

  private static StepConfig noisy() {
    return StepConfig.nlarcm().withNoise(new Noise.Fresh(7)).withNoiseScale(0.01);
  }

  private static List<GroupSpec> three(DType type, StepConfig config) {
    return List.of(GroupSpec.of(config, type, new TensorSpec("first", 40), new TensorSpec("second", 1030, true),
        new TensorSpec("third", 5)));
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
  default void aSkippedStepChangesNothing(double bad) {
    for (DType type : types()) {
      List<GroupSpec> groups = three(type, noisy());
      ReferenceStep reference = new ReferenceStep(groups);
      try (DeviceModel model = new DeviceModel(device(), groups, Layout.ALLOCATED)) {
        startEqually(reference, model, 3);
        for (int number = 1; number <= 5; number++) {
          feedEqually(reference, model, number);
          if (number == 2 || number == 3) {
            reference.tensor("second").gradient()[1029] = bad;
            model.setGradients(reference);
          }
          double[] before = HostValues.read(model.value("first"));
          reference.run(0.5, 1);
          long ticket = model.step().run(0.5, 1);
          model.step().await(ticket);
          if (number == 2 || number == 3) {
            assertSameBits("value after a skipped step", before, HostValues.read(model.value("first")));
            assertTrue(model.step().stats().lastSkipped());
          }
          assertSameBits("skipping " + bad, number, reference, model);
        }
        assertEquals(3, model.step().stats().applied());
        assertEquals(2, model.step().stats().skipped());
        assertFalse(model.step().stats().lastSkipped());
        assertEquals(5, control(model.step(), Control.COMPLETED));
      }
    }
  }

  @Test
  default void aSkippedStepZeroesTheGradientsThatAskForIt() {
    List<GroupSpec> groups = three(anyType(), StepConfig.nlarsm());
    try (DeviceModel model = new DeviceModel(device(), groups, Layout.ALLOCATED)) {
      double[] bad = numbers(anyType(), 1030, 1);
      bad[500] = Double.NaN;
      HostValues.write(model.gradient("second"), bad);
      HostValues.write(model.gradient("third"), 1, 2, 3, 4, 5);
      model.step().run(1, 1);
      assertSameBits("gradient", new double[1030], HostValues.read(model.gradient("second")));
      assertSameBits("gradient", new double[] {1, 2, 3, 4, 5}, HostValues.read(model.gradient("third")));
    }
  }

  @Test
  default void stepsSkippedInARowAreLogged() {
    List<GroupSpec> groups = three(anyType(), StepConfig.nlarsm());
    try (DeviceModel model = new DeviceModel(device(), groups, Layout.ALLOCATED);
        LogRecording log = new LogRecording(NonFinite.class)) {
      double[] bad = new double[1030];
      bad[3] = Double.NaN;
      runOn(model, bad, 9);
      assertEquals(List.of(), log.messages());
      runOn(model, bad, 1);
      assertEquals(1, log.messages().size());
      String message = log.messages().getFirst();
      assertTrue(message.contains("10 steps in a row") && message.contains("'second'")
          && message.contains(device().info().selector()), message);
      runOn(model, bad, 89);
      assertEquals(1, log.messages().size());
      runOn(model, bad, 1);
      assertTrue(log.messages().getLast().contains("100 steps in a row"), log.messages().toString());
      runOn(model, new double[1030], 1);
      runOn(model, bad, 9);
      assertEquals(2, log.messages().size(), log.messages().toString());
    }
  }

  private static void runOn(DeviceModel model, double[] gradient, int steps) {
    for (int i = 0; i < steps; i++) {
      HostValues.write(model.gradient("second"), gradient);
      model.step().await(model.step().run(1, 1));
    }
  }

  @Test
  default void aSumThatOverflowsSkips() {
    Assumptions.assumeTrue(types().contains(DType.FLOAT64), "float32 squares cannot overflow binary64");
    List<GroupSpec> groups = three(DType.FLOAT64, StepConfig.nlarsm());
    ReferenceStep reference = new ReferenceStep(groups);
    try (DeviceModel model = new DeviceModel(device(), groups, Layout.ALLOCATED)) {
      reference.tensor("first").gradient()[0] = 1e200;
      model.setGradients(reference);
      reference.run(1, 1);
      model.step().run(1, 1);
      assertSameBits("overflow", 1, reference, model);
      assertEquals(1, model.step().stats().skipped());
    }
  }

  @Test
  default void aRefusedStepNamesTheFirstOffenderAndChangesNothing() {
    for (DType type : types()) {
      List<GroupSpec> groups = three(type, noisy().withNonFinite(NonFinite.FAIL));
      ReferenceStep reference = new ReferenceStep(groups);
      try (DeviceModel model = new DeviceModel(device(), groups, Layout.ALLOCATED)) {
        startEqually(reference, model, 5);
        feedEqually(reference, model, 1);
        reference.run(1, 1);
        long good = model.step().run(1, 1);
        feedEqually(reference, model, 2);
        reference.tensor("second").gradient()[3] = Double.NaN;
        reference.tensor("third").gradient()[4] = Double.POSITIVE_INFINITY;
        model.setGradients(reference);
        assertEquals(1, reference.run(1, 1));
        long refused = model.step().run(1, 1);
        assertSameBits("refused", 2, reference, model);
        assertSameBits("gradient of a refused step stays", reference.tensor("second").gradient(),
            HostValues.read(model.gradient("second")));
        feedEqually(reference, model, 3);
        reference.run(1, 1);
        long next = model.step().run(1, 1);

        model.step().await(good);
        assertRefused(NonFiniteGradientException.class, () -> model.step().await(refused), "'second'", "" + refused);
        model.step().await(next);
        assertRefused(NonFiniteGradientException.class, () -> model.step().await(refused), "'second'");
        assertSameBits("after a refused step", 3, reference, model);
        assertEquals(1, model.step().stats().skipped());
        assertEquals(2, model.step().stats().applied());
      }
    }
  }

  @Test
  default void aTotalThatOverflowsAloneIsRefusedWithoutAnOffender() {
    List<GroupSpec> groups = three(anyType(), StepConfig.nlarsm().withNonFinite(NonFinite.FAIL));
    try (DeviceModel model = new DeviceModel(device(), groups, Layout.ALLOCATED)) {
      model.step().reduce();
      HostValues.write(model.step().sumsOfSquares(), Double.POSITIVE_INFINITY, 1, 1, 1);
      long ticket = model.step().apply(1, 1);
      assertRefused(NonFiniteGradientException.class, () -> model.step().await(ticket), "over all gradients");
    }
  }

  @Test
  default void theLastTicketsAreRemembered() {
    List<GroupSpec> groups = three(anyType(), StepConfig.nlarsm().withNonFinite(NonFinite.FAIL));
    try (DeviceModel model = new DeviceModel(device(), groups, Layout.ALLOCATED)) {
      double[] bad = new double[40];
      bad[39] = Double.NaN;
      HostValues.write(model.gradient("first"), bad);
      long refused = model.step().run(1, 1);
      HostValues.write(model.gradient("first"), new double[40]);
      long last = 0;
      for (int i = 1; i < Step.REMEMBERED_TICKETS; i++) {
        last = model.step().run(1, 1);
      }
      assertEquals(refused + Step.REMEMBERED_TICKETS - 1, last);
      model.step().await(last);
      assertRefused(NonFiniteGradientException.class, () -> model.step().await(refused), "'first'");
    }
  }

  @Test
  default void theStrictestPolicyOfAllGroupsHolds() {
    DType type = anyType();
    List<GroupSpec> groups = List.of(
        GroupSpec.of(StepConfig.nlarsm().withScaling(new Scaling.None()).withNonFinite(NonFinite.FAIL), type,
            new TensorSpec("strict", 3)),
        GroupSpec.of(StepConfig.nlarcm(), type, new TensorSpec("lenient", 3)));
    try (DeviceModel model = new DeviceModel(device(), groups, Layout.ALLOCATED)) {
      HostValues.write(model.gradient("lenient"), 0, Double.NaN, 0);
      long ticket = model.step().run(1, 1);
      assertRefused(NonFiniteGradientException.class, () -> model.step().await(ticket), "'lenient'");
    }
  }

  @Test
  default void oneBadTensorSkipsTheWholeStepUnderTensorNorm() {
    List<GroupSpec> groups = three(anyType(), StepConfig.nlarsm().withScaling(new Scaling.TensorNorm(1)));
    ReferenceStep reference = new ReferenceStep(groups);
    try (DeviceModel model = new DeviceModel(device(), groups, Layout.ALLOCATED)) {
      startEqually(reference, model, 1);
      feedEqually(reference, model, 1);
      reference.tensor("first").gradient()[0] = Double.NaN;
      model.setGradients(reference);
      reference.run(1, 1);
      model.step().run(1, 1);
      assertSameBits("tensor norm", 1, reference, model);
      assertEquals(0, model.step().stats().applied());
    }
  }

  @Test
  default void askedForElementWiseScalingIsCheckedToo() {
    StepConfig config = StepConfig.nlarsm().withScaling(new Scaling.Soft(1)).withNonFinite(NonFinite.SKIP);
    List<GroupSpec> groups = three(anyType(), config);
    ReferenceStep reference = new ReferenceStep(groups);
    try (DeviceModel model = new DeviceModel(device(), groups, Layout.ALLOCATED)) {
      startEqually(reference, model, 1);
      feedEqually(reference, model, 1);
      reference.tensor("third").gradient()[0] = Double.POSITIVE_INFINITY;
      model.setGradients(reference);
      reference.run(1, 1);
      model.step().run(1, 1);
      assertSameBits("soft", 1, reference, model);
      assertEquals(1, model.step().stats().skipped());
    }
  }

  @Test
  default void uncheckedStepsLetNonFiniteNumbersThrough() {
    for (DType type : types()) {
      for (Estimator estimator : List.of(new Estimator.Nlarcm(0.1, 1, 0.01), new Estimator.Nlarpm(0.1, 1, 0.01),
          new Estimator.Nlarsm(0.1, 1, 0.01, 0), new Estimator.Nlarsm(0.1, 1, 0.01, 0.25))) {
        for (Momentum momentum : List.of(new Momentum.Inverse(1), new Momentum.None())) {
          nonFiniteNumbersPass(type, StepConfig.nlarcm().withRule(estimator).withScaling(new Scaling.Value(0.5))
              .withMomentum(momentum));
        }
      }
    }
  }

  private void nonFiniteNumbersPass(DType type, StepConfig config) {
    List<GroupSpec> groups = three(type, config);
    ReferenceStep reference = new ReferenceStep(groups);
    try (DeviceModel model = new DeviceModel(device(), groups, Layout.ALLOCATED)) {
      startEqually(reference, model, 1);
      for (int number = 1; number <= 3; number++) {
        feedEqually(reference, model, number);
        reference.tensor("first").gradient()[7] = Double.POSITIVE_INFINITY;
        reference.tensor("second").gradient()[8] = Double.NaN;
        model.setGradients(reference);
        reference.run(1, 1);
        model.step().run(1, 1);
        assertSameBits("unchecked " + config, number, reference, model);
      }
      assertEquals(3, model.step().stats().applied());
      assertTrue(Double.isNaN(HostValues.read(model.value("second"))[8]));
      if (config.momentum().active()) {
        assertTrue(Double.isNaN(HostValues.read(model.step().state("second", Slot.VELOCITY))[8]));
      }
    }
  }
}
