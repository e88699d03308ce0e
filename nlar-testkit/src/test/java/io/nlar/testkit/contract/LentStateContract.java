package io.nlar.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.Buffer;
import io.nlar.BufferException;
import io.nlar.ClosedException;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.Noise;
import io.nlar.Parameter;
import io.nlar.ParameterException;
import io.nlar.ParameterGroup;
import io.nlar.Restore;
import io.nlar.Slot;
import io.nlar.State;
import io.nlar.Step;
import io.nlar.StepConfig;
import io.nlar.testkit.GroupSpec;
import io.nlar.testkit.HostValues;
import io.nlar.testkit.ReferenceStep;
import io.nlar.testkit.ReferenceTensor;
import io.nlar.testkit.TensorSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** State in memory of the caller's. */
public interface LentStateContract extends ContractSupport {

  /** A parameter with buffers of its own, and what a caller has lent for its state. */
  final class Lender implements AutoCloseable {
    private final Device device;
    private final List<GroupSpec> groups;
    private final List<Buffer> owned = new ArrayList<>();
    private final Map<String, Parameter> parameters = new HashMap<>();

    Lender(Device device, List<GroupSpec> groups) {
      this.device = device;
      this.groups = groups;
      for (GroupSpec group : groups) {
        int count = group.tensors().size();
        int length = group.tensors().getFirst().length();
        // All tensors of a group have one length here; their slots lie side by side, 16 bytes behind the beginning.
        Map<Slot, Buffer> blocks = new EnumMap<>(Slot.class);
        for (Slot slot : group.config().slots(group.type())) {
          DType type = group.storage().type(slot);
          blocks.put(slot, own(device.allocate(type, (long) count * length + 16 / type.bytes())));
          HostValues.write(blocks.get(slot), new double[Math.toIntExact(blocks.get(slot).length())]);
        }
        for (int i = 0; i < count; i++) {
          TensorSpec tensor = group.tensors().get(i);
          Map<Slot, Buffer> slots = new EnumMap<>(Slot.class);
          int number = i;
          blocks.forEach((slot, block) ->
              slots.put(slot, block.slice(16 / block.type().bytes() + (long) number * length, length)));
          slots.values().forEach(slot -> fill(slot, 7));
          Parameter parameter = new Parameter(tensor.name(), own(device.allocate(group.type(), length)),
              own(device.allocate(group.gradient(), length)));
          parameters.put(tensor.name(), i % 3 == 2 ? parameter : parameter.withState(State.fresh(slots)));
        }
      }
    }

    private Buffer own(Buffer buffer) {
      owned.add(buffer);
      return buffer;
    }

    private static void fill(Buffer buffer, double value) {
      double[] values = new double[Math.toIntExact(buffer.length())];
      Arrays.fill(values, value);
      HostValues.write(buffer, values);
    }

    Parameter parameter(String name) {
      return parameters.get(name);
    }

    Step compile(boolean resumed) {
      return device.compile(groups.stream().map(group -> new ParameterGroup(group.config(), group.tensors().stream()
          .map(tensor -> parameter(tensor.name()))
          .map(parameter -> resumed && parameter.state() != null
              ? parameter.withState(State.resumed(parameter.state().slots())) : parameter)
          .toList())).toList());
    }

    /** Feeds both, and runs both. */
    void run(ReferenceStep reference, Step step, LentStateContract contract, long seed) {
      for (ReferenceTensor tensor : reference.tensors()) {
        double[] g = contract.numbers(tensor.type(), tensor.value().length, seed + tensor.spec().name().hashCode());
        for (int i = 0; i < g.length; i++) {
          g[i] = tensor.storage().gradient().round(g[i]);
        }
        System.arraycopy(g, 0, tensor.gradient(), 0, g.length);
        HostValues.write(parameter(tensor.spec().name()).gradient(), g);
      }
      reference.run(1, 1);
      step.await(step.run(1, 1));
    }

    /** Compares values, and state where it was lent. */
    void check(ReferenceStep reference, Step step, LentStateContract contract) {
      for (ReferenceTensor tensor : reference.tensors()) {
        String name = tensor.spec().name();
        contract.assertSameBits(name, tensor.value(), HostValues.read(parameter(name).value()));
        for (Slot slot : groups.get(tensor.group()).config().slots(tensor.storage().value())) {
          contract.assertSameBits(name + "/" + slot, tensor.state(slot), HostValues.read(step.state(name, slot)));
          State lent = parameter(name).state();
          if (lent != null) {
            contract.assertSameBits("lent " + name + "/" + slot, tensor.state(slot), HostValues.read(lent.slots().get(slot)));
          }
        }
      }
    }

    @Override
    public void close() {
      owned.forEach(Buffer::close);
    }
  }

  private List<GroupSpec> groups() {
    List<GroupSpec> groups = new ArrayList<>();
    for (DType type : types()) {
      // A length that keeps every tensor's state on 16 bytes, so that slices may be lent on every device.
      String prefix = type + " ";
      groups.add(GroupSpec.of(StepConfig.nlarcm(), type, new TensorSpec(prefix + "a", 1028),
          new TensorSpec(prefix + "b", 1028), new TensorSpec(prefix + "own", 1028), new TensorSpec(prefix + "c", 1028)));
      groups.add(GroupSpec.of(StepConfig.nlarsm().withNoise(new Noise.Frozen(5)).withNoiseScale(0.1), type,
          new TensorSpec(prefix + "frozen", 36)));
      groups.add(GroupSpec.of(StepConfig.adamw(), type, new TensorSpec(prefix + "adam", 4100)));
    }
    return groups;
  }

  @Test
  default void stateLiesWhereItWasLent() {
    ReferenceStep reference = new ReferenceStep(groups());
    try (Lender lender = new Lender(device(), groups()); Step step = lender.compile(false)) {
      lender.check(reference, step, this);
      for (int number = 1; number <= 3; number++) {
        lender.run(reference, step, this, number);
        lender.check(reference, step, this);
      }
    }
  }

  @Test
  default void aStateThatWasLentIsResumed() {
    ReferenceStep reference = new ReferenceStep(groups());
    try (Lender lender = new Lender(device(), groups())) {
      try (Step step = lender.compile(false)) {
        lender.run(reference, step, this, 1);
      }
      // What the caller lent is still there; the step's own state is not, and the counter begins anew.
      for (ReferenceTensor tensor : reference.tensors()) {
        if (lender.parameter(tensor.spec().name()).state() == null) {
          ReferenceTensor begun = new ReferenceStep(groups()).tensor(tensor.spec().name());
          for (Slot slot : Slot.values()) {
            if (begun.state(slot) != null) {
              System.arraycopy(begun.state(slot), 0, tensor.state(slot), 0, begun.state(slot).length);
            }
          }
        }
      }
      Arrays.fill(reference.control(), 0);
      try (Step step = lender.compile(true)) {
        lender.check(reference, step, this);
        lender.run(reference, step, this, 2);
        lender.check(reference, step, this);
      }
    }
  }

  @Test
  default void lentStateIsSavedAndRestored() throws IOException {
    Path file = Files.createTempFile("lent", ".safetensors");
    ReferenceStep reference = new ReferenceStep(groups());
    try (Lender lender = new Lender(device(), groups()); Lender another = new Lender(device(), groups())) {
      try (Step step = lender.compile(false)) {
        lender.run(reference, step, this, 1);
        step.save(file);
      }
      try (Step step = another.compile(false)) {
        step.restore(file, Restore.STRICT);
        for (ReferenceTensor tensor : reference.tensors()) {
          HostValues.write(another.parameter(tensor.spec().name()).value(), tensor.value());
        }
        another.check(reference, step, this);
        another.run(reference, step, this, 2);
        another.check(reference, step, this);
      }
    } finally {
      Files.delete(file);
    }
  }

  @Test
  default void lentStateMoves() {
    List<GroupSpec> groups = List.of(GroupSpec.of(StepConfig.nlarcm(), anyType(), new TensorSpec("w", 100)));
    ReferenceStep reference = new ReferenceStep(groups);
    try (Lender lender = new Lender(device(), groups); Lender another = new Lender(device(), groups);
        Step step = lender.compile(false)) {
      lender.run(reference, step, this, 1);
      Parameter here = lender.parameter("w");
      Map<Slot, Buffer> there = another.parameter("w").state().slots();
      there.forEach((slot, buffer) -> HostValues.write(buffer, HostValues.read(here.state().slots().get(slot))));
      step.rebind(List.of(here.withState(State.resumed(there))));
      lender.run(reference, step, this, 2);
      there.forEach((slot, buffer) ->
          assertSameBits("moved " + slot, reference.tensor("w").state(slot), HostValues.read(buffer)));

      // Values and gradients may move without it.
      step.rebind(List.of(new Parameter("w", here.value(), here.gradient())));
      lender.run(reference, step, this, 3);
      there.forEach((slot, buffer) ->
          assertSameBits("stayed " + slot, reference.tensor("w").state(slot), HostValues.read(buffer)));

      // Fresh memory begins anew.
      step.rebind(List.of(here));
      double[] rates = new double[100];
      step.learningRates("w", HostValues.segment(anyType(), rates));
      double[] rate = HostValues.read(here.state().slots().get(Slot.RATE));
      Arrays.fill(rates, anyType().round(StepConfig.nlarcm().rule().learningRate()));
      assertArrayEquals(rates, rate);
    }
  }

  @Test
  default void closingTheStepLeavesLentStateToItsOwner() {
    List<GroupSpec> groups = List.of(GroupSpec.of(StepConfig.nlarcm(), anyType(), new TensorSpec("w", 100)));
    ReferenceStep reference = new ReferenceStep(groups);
    try (Lender lender = new Lender(device(), groups)) {
      Step step = lender.compile(false);
      lender.run(reference, step, this, 1);
      step.close();
      lender.parameter("w").state().slots().forEach((slot, buffer) ->
          assertSameBits("left " + slot, reference.tensor("w").state(slot), HostValues.read(buffer)));
    }
  }

  @Test
  default void aStepWhoseLentStateWasClosedDoesNotRun() {
    List<GroupSpec> groups = List.of(GroupSpec.of(StepConfig.nlarcm(), anyType(), new TensorSpec("w", 100)));
    try (Lender lender = new Lender(device(), groups); Step step = lender.compile(false)) {
      step.run();
      lender.parameter("w").state().slots().get(Slot.RATE).close();
      assertRefused(ClosedException.class, step::run, "closed");
    }
  }

  @Test
  default void memoryForStateThatDoesNotFitIsRefused() {
    DType type = anyType();
    int length = 8;
    Buffer value = buffer(type, new double[length]);
    Buffer gradient = buffer(type, new double[length]);
    try (Device stranger = openAnother()) {
      for (Set<Slot> given : List.of(EnumSet.of(Slot.VELOCITY, Slot.RATE), EnumSet.noneOf(Slot.class),
          EnumSet.of(Slot.VELOCITY, Slot.RATE, Slot.WEIGHT, Slot.MEAN), EnumSet.of(Slot.VELOCITY, Slot.RATE, Slot.MEAN))) {
        assertRefused(ParameterException.class, () -> compile(value, gradient, slots(given, type, length)),
            "'w'", given.toString(), "VELOCITY, RATE, WEIGHT");
      }
      Set<Slot> all = StepConfig.nlarcm().slots();
      Map<Slot, Buffer> shorter = slots(all, type, length);
      shorter.put(Slot.RATE, device().allocate(type, length - 1));
      assertRefused(ParameterException.class, () -> compile(value, gradient, shorter), "rate", "'w'", "7", "8");
      Map<Slot, Buffer> foreign = slots(all, type, length);
      foreign.put(Slot.WEIGHT, stranger.allocate(type, length));
      assertRefused(BufferException.class, () -> compile(value, gradient, foreign), "weight", "'w'");
      Map<Slot, Buffer> twice = slots(all, type, length);
      twice.put(Slot.VELOCITY, twice.get(Slot.RATE));
      assertRefused(ParameterException.class, () -> compile(value, gradient, twice), "share memory");
      Map<Slot, Buffer> overValue = slots(all, type, length);
      overValue.put(Slot.VELOCITY, value);
      assertRefused(ParameterException.class, () -> compile(value, gradient, overValue), "share memory", "velocity");
      Map<Slot, Buffer> overGradient = slots(all, type, length);
      overGradient.put(Slot.VELOCITY, gradient);
      assertRefused(ParameterException.class, () -> compile(value, gradient, overGradient), "share memory", "velocity");
      if (types().size() > 1) {
        Map<Slot, Buffer> wide = slots(all, types().getLast(), length);
        assertRefused(ParameterException.class, () -> compile(value, gradient, wide), "'w'", types().getLast().toString());
      }
      Step own = device().compile(List.of(
          new ParameterGroup(StepConfig.nlarcm(), List.of(new Parameter("w", value, gradient)))));
      assertRefused(ParameterException.class, () -> own.rebind(List.of(
          new Parameter("w", value, gradient).withState(State.resumed(slots(all, type, length))))), "'w'", "step's own");
      own.close();
    }
  }

  @Test
  default void lentStateMayBeginAnywhereOrIsRefused() {
    List<GroupSpec> groups = List.of(GroupSpec.of(StepConfig.nlarcm(), anyType(), new TensorSpec("w", 1030)));
    ReferenceStep reference = new ReferenceStep(groups);
    try (Lender lender = new Lender(device(), groups)) {
      Parameter parameter = lender.parameter("w");
      Map<Slot, Buffer> odd = slots(StepConfig.nlarcm().slots(), anyType(), 1040);
      odd.replaceAll((slot, buffer) -> buffer.slice(1 + slot.ordinal(), 1030));
      Step step;
      try {
        step = compile(parameter.value(), parameter.gradient(), odd);
      } catch (BufferException refused) {
        assertTrue(refused.getMessage().contains("boundaries"), refused.getMessage());
        return;
      }
      lender.run(reference, step, this, 1);
      odd.forEach((slot, buffer) ->
          assertSameBits("odd " + slot, reference.tensor("w").state(slot), HostValues.read(buffer)));
      step.close();
    }
  }

  private Step compile(Buffer value, Buffer gradient, Map<Slot, Buffer> slots) {
    return device().compile(List.of(new ParameterGroup(StepConfig.nlarcm(),
        List.of(new Parameter("w", value, gradient).withState(State.fresh(slots))))));
  }

  private Map<Slot, Buffer> slots(Set<Slot> slots, DType type, int length) {
    Map<Slot, Buffer> buffers = new EnumMap<>(Slot.class);
    slots.forEach(slot -> buffers.put(slot, device().allocate(type, length)));
    return buffers;
  }
}
