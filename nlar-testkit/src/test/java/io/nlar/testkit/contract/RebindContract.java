package io.nlar.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.nlar.Buffer;
import io.nlar.BufferException;
import io.nlar.CallOrderException;
import io.nlar.ClosedException;
import io.nlar.Device;
import io.nlar.Noise;
import io.nlar.Parameter;
import io.nlar.ParameterException;
import io.nlar.Step;
import io.nlar.StepConfig;
import io.nlar.testkit.DeviceModel;
import io.nlar.testkit.GroupSpec;
import io.nlar.testkit.HostValues;
import io.nlar.testkit.Layout;
import io.nlar.testkit.ReferenceStep;
import io.nlar.testkit.ReferenceTensor;
import io.nlar.testkit.TensorSpec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
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
  default void gradientsMoveByTheirAddresses() {
    assumeNativeMemory();
    ReferenceStep reference = new ReferenceStep(groups());
    try (Arena arena = Arena.ofShared(); DeviceModel model = new DeviceModel(device(), groups(), Layout.NATIVE)) {
      Step step = model.step();
      MemorySegment memory = arena.allocate(100_000, 64);
      if (!hasAddresses(memory)) {
        assertRefused(BufferException.class, () -> step.bindGradient(0, memory.address()), "addresses");
        return;
      }
      startEqually(reference, model, 1);
      for (int number = 1; number <= 6; number++) {
        feedEqually(reference, model, number);
        for (int index = 0; index < 3; index++) {
          if (index != 1 || number > 3) { // its neighbour stays at first
            ReferenceTensor tensor = reference.tensors().get(index);
            MemorySegment place = memory.asSlice(20_000L * index + 8L * number, tensor.gradient().length * (long) tensor.type().bytes());
            HostValues.write(place, tensor.type(), tensor.gradient());
            HostValues.write(model.gradient(tensor.spec().name()), new double[tensor.gradient().length]);
            step.bindGradient(index, place.address());
          }
        }
        if (number == 4) { // what is bound now, the settings' kernels find too
          step.reconfigure(0, step.config(0).withWeightDecay(0.1));
          reference.reconfigure(0, step.config(0));
        }
        if (number == 5) {
          step.rebind(List.of(new Parameter("b", model.value("b"), model.gradient("b"))));
          HostValues.write(model.gradient("b"), reference.tensor("b").gradient());
        }
        reference.run(1, 1);
        step.run(1, 1);
        assertSameBits("gradient by address", number, reference, model);
      }
    }
  }

  private boolean hasAddresses(MemorySegment memory) {
    try (Buffer wrapped = device().wrap(anyType(), 1, memory.address())) {
      return wrapped.length() == 1;
    } catch (BufferException none) {
      return false;
    }
  }

  @Test
  default void addressesThatDoNotFitAreRefusedAndNothingChanges() {
    assumeNativeMemory();
    ReferenceStep reference = new ReferenceStep(groups());
    try (Arena arena = Arena.ofShared(); DeviceModel model = new DeviceModel(device(), groups(), Layout.ALLOCATED)) {
      Step step = model.step();
      MemorySegment memory = arena.allocate(50_000, 64);
      Assumptions.assumeTrue(hasAddresses(memory), "the device has no addresses");
      int bytes = types().getFirst().bytes();
      Buffer value = device().wrap(types().getFirst(), 1030, memory.address());
      startEqually(reference, model, 1);
      HostValues.write(value, reference.tensor("a").value());
      step.rebind(List.of(new Parameter("a", value, model.gradient("a"))));
      long fits = memory.address() + 20_000;
      for (int round = 0; round < 2; round++) { // the first time, and when it was moved before
        assertRefused(ParameterException.class, () -> step.bindGradient(3, fits), "3", "0 to 2");
        assertRefused(ParameterException.class, () -> step.bindGradient(-1, fits), "-1");
        assertRefused(BufferException.class, () -> step.bindGradient(0, 0), "address 0");
        assertRefused(BufferException.class, () -> step.bindGradient(0, -8), "address space");
        assertRefused(ParameterException.class, () -> step.bindGradient(0, memory.address() + 1029L * bytes), "'a'", "share memory");
        assertRefused(ParameterException.class, () -> step.bindGradient(1, memory.address() + 100), "'b'", "share memory");
        step.bindGradient(0, memory.address() + 1030L * bytes);
        step.bindGradient(1, fits);
      }
      MemorySegment a = memory.asSlice(1030L * bytes, 1030L * bytes);
      feedEqually(reference, model, 1);
      HostValues.write(a, types().getFirst(), reference.tensor("a").gradient());
      HostValues.write(memory.asSlice(20_000, 5L * bytes), types().getFirst(), reference.tensor("b").gradient());
      reference.run(1, 1);
      step.run(1, 1);
      assertSameBits("value", reference.tensor("a").value(), HostValues.read(value));
      step.reduce();
      step.bindGradient(0, fits);
      assertRefused(CallOrderException.class, () -> step.apply(1, 1), "reduce()");
      step.close();
      assertRefused(ClosedException.class, () -> step.bindGradient(0, fits));
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
