package io.nlar.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.nlar.Buffer;
import io.nlar.BufferException;
import io.nlar.CallOrderException;
import io.nlar.Device;
import io.nlar.Noise;
import io.nlar.Parameter;
import io.nlar.ParameterException;
import io.nlar.StepConfig;
import io.nlar.testkit.DeviceModel;
import io.nlar.testkit.GroupSpec;
import io.nlar.testkit.HostValues;
import io.nlar.testkit.Layout;
import io.nlar.testkit.ReferenceStep;
import io.nlar.testkit.TensorSpec;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tensors that move, gradients that come and go. */
public interface RebindContract extends ContractSupport {

  private List<GroupSpec> groups() {
    return List.of(
        GroupSpec.of(StepConfig.nlarsm(), types().getFirst(), new TensorSpec("a", 1030), new TensorSpec("b", 5)),
        GroupSpec.of(StepConfig.nlarcm().withNoise(new Noise.Fresh(1)).withNoiseScale(0.1), types().getLast(),
            new TensorSpec("c", 33)));
  }

  @Test
  default void movedTensorsGoOnWithTheirState() {
    ReferenceStep reference = new ReferenceStep(groups());
    try (DeviceModel model = new DeviceModel(device(), groups(), Layout.ALLOCATED)) {
      startEqually(reference, model, 1);
      for (int number = 1; number <= 3; number++) {
        feedEqually(reference, model, number);
        // Every step finds value and gradient of "a" elsewhere, at another alignment.
        Buffer block = device().allocate(types().getFirst(), 2100);
        Buffer value = block.slice(number, 1030);
        Buffer gradient = block.slice(1040 + 2L * number, 1030);
        HostValues.write(value, reference.tensor("a").value());
        HostValues.write(gradient, reference.tensor("a").gradient());
        model.step().rebind(List.of(new Parameter("a", value, gradient)));
        reference.run(1, 1);
        model.step().run(1, 1);
        assertSameBits("moved value", reference.tensor("a").value(), HostValues.read(value));
        HostValues.write(model.value("a"), reference.tensor("a").value());
        assertSameBits("moved", number, reference, model);
      }
    }
  }

  @Test
  default void parametersWithoutGradientAreLeftAlone() {
    ReferenceStep reference = new ReferenceStep(groups());
    try (DeviceModel model = new DeviceModel(device(), groups(), Layout.ALLOCATED)) {
      startEqually(reference, model, 1);
      for (int number = 1; number <= 4; number++) {
        boolean bound = number % 2 == 0;
        reference.tensor("a").bindGradient(bound ? new double[1030] : null, false);
        reference.tensor("c").bindGradient(bound ? new double[33] : null, false);
        model.step().rebind(List.of(
            new Parameter("a", model.value("a"), bound ? model.gradient("a") : null),
            new Parameter("c", model.value("c"), bound ? model.gradient("c") : null)));
        feedEqually(reference, model, number);
        reference.run(1, 1);
        model.step().run(1, 1);
        assertSameBits("without gradient", number, reference, model);
      }
    }
  }

  @Test
  default void aStepWithoutAnyGradientStillCounts() {
    ReferenceStep reference = new ReferenceStep(groups());
    try (DeviceModel model = new DeviceModel(device(), groups(), Layout.ALLOCATED)) {
      reference.tensors().forEach(tensor -> {
        tensor.bindGradient(null, true);
        String name = tensor.spec().name();
        model.step().rebind(List.of(new Parameter(name, model.value(name), null, true)));
      });
      startEqually(reference, model, 1);
      reference.run(1, 1);
      model.step().run(1, 1);
      assertSameBits("no gradient at all", 1, reference, model);
      assertEquals(1, model.step().stats().applied());
    }
  }

  @Test
  default void gradientsAreZeroedWhereAsked() {
    ReferenceStep reference = new ReferenceStep(groups());
    try (DeviceModel model = new DeviceModel(device(), groups(), Layout.SLICED)) {
      startEqually(reference, model, 1);
      model.step().rebind(List.of(new Parameter("a", model.value("a"), model.gradient("a"), true),
          new Parameter("c", model.value("c"), model.gradient("c"), true)));
      feedEqually(reference, model, 1);
      double[] untouched = reference.tensor("b").gradient().clone();
      reference.run(1, 1);
      model.step().run(1, 1);
      assertSameBits("zeroing", 1, reference, model);
      assertSameBits("a", new double[1030], HostValues.read(model.gradient("a")));
      assertSameBits("b", untouched, HostValues.read(model.gradient("b")));
      assertSameBits("c", new double[33], HostValues.read(model.gradient("c")));
      model.step().rebind(List.of(model.parameter("a")));
      feedEqually(reference, model, 2);
      model.step().run(1, 1);
      assertSameBits("no longer zeroed", reference.tensor("a").gradient(), HostValues.read(model.gradient("a")));
    }
  }

  @Test
  default void whatDoesNotFitIsRefusedAndNothingChanges() {
    ReferenceStep reference = new ReferenceStep(groups());
    try (DeviceModel model = new DeviceModel(device(), groups(), Layout.ALLOCATED); Device stranger = openAnother()) {
      startEqually(reference, model, 1);
      Buffer good = device().allocate(types().getFirst(), 1030);
      Parameter fits = new Parameter("a", good, null);
      assertRefused(ParameterException.class,
          () -> model.step().rebind(List.of(fits, new Parameter("b", device().allocate(types().getFirst(), 6), null))),
          "'b'", "6", "5");
      assertRefused(ParameterException.class,
          () -> model.step().rebind(List.of(fits, new Parameter("d", good, null))), "'d'");
      assertRefused(BufferException.class, () -> model.step().rebind(
          List.of(fits, new Parameter("b", stranger.allocate(types().getFirst(), 5), null))), "'b'");
      assertRefused(ParameterException.class, () -> model.step().rebind(
          List.of(fits, new Parameter("b", good.slice(0, 5), null))), "share memory");
      assertRefused(ParameterException.class,
          () -> model.step().rebind(List.of(fits, new Parameter("a", model.value("a"), null))), "'a'", "twice");
      if (types().size() > 1) {
        assertRefused(ParameterException.class, () -> model.step().rebind(
            List.of(fits, new Parameter("b", device().allocate(types().getLast(), 5), null))), "'b'");
      }
      feedEqually(reference, model, 1);
      reference.run(1, 1);
      model.step().run(1, 1);
      assertSameBits("after refusals", 1, reference, model);
    }
  }

  @Test
  default void sumsOfOldGradientsDoNotSurvive() {
    try (DeviceModel model = new DeviceModel(device(), groups(), Layout.ALLOCATED)) {
      model.step().reduce();
      model.step().rebind(List.of(model.parameter("a")));
      assertRefused(CallOrderException.class, () -> model.step().apply(1, 1), "reduce()");
    }
  }
}
