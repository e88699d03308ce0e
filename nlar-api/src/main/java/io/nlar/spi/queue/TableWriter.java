package io.nlar.spi.queue;

import io.nlar.spi.Codes;
import io.nlar.spi.GroupPlan;
import io.nlar.spi.StandardArithmetic;
import io.nlar.spi.StepPlan;
import io.nlar.spi.TensorPlan;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** Writes a step's tables to the device. */
final class TableWriter {
  private final Queue queue;
  private final Kernels kernels;
  private final StepMemory memory;
  private final StateLayout state;
  private final SumTree tree;

  TableWriter(QueueDevice device, StepMemory memory, StateLayout state, SumTree tree) {
    this.queue = device.queue();
    this.kernels = device.kernels();
    this.memory = memory;
    this.state = state;
    this.tree = tree;
  }

  /** What depends on the settings, and the shape of the sums. */
  void settings(StepPlan plan) {
    byte[] bytes = new byte[Math.toIntExact(memory.tensors() - memory.groups())];
    MemorySegment tables = MemorySegment.ofArray(bytes);
    // A thread that takes subnormal numbers for 0 must compute no numbers of a rule.
    StandardArithmetic.compute(() -> groups(tables, plan));
    tree.write(tables.asSlice(memory.nodes() - memory.groups()));
    queue.write(memory.memory(), memory.groups(), tables);
  }

  private static MemorySegment groups(MemorySegment table, StepPlan plan) {
    long at = 0;
    for (GroupPlan group : plan.groups()) {
      double[] numbers = group.rule().numbers();
      for (int i = 0; i < numbers.length; i++) {
        StepTables.NUMBERS.setDouble(table, at, i, numbers[i]);
      }
      StepTables.BOUND.setDouble(table, at, group.config().scaling().bound());
      StepTables.DECAY_RATE.setDouble(table, at, group.decayRate());
      StepTables.SEED.setLong(table, at, group.seed());
      StepTables.ROUNDING_SEED.setLong(table, at, group.roundingSeed());
      StepTables.SCALING.setInt(table, at, Codes.of(group.config().scaling()));
      StepTables.DECAYS.setInt(table, at, group.decays() ? 1 : 0);
      StepTables.DISTRIBUTION.setInt(table, at, Codes.of(group.config().noise().distribution()));
      // What is learned later is left alone by the update, which takes all else from the group's kernel.
      StepTables.KEEPS.setInt(table, at,
          plan.learnsLater() && group.rule().observes() ? Codes.KEEPS_NOTHING : Codes.of(group.rule()));
      at += StepTables.GROUP.bytes();
    }
    return table;
  }

  /** What depends on the buffers. */
  void bindings(StepPlan plan, List<QueueBinding> bindings, Schedule schedule) {
    long bytes = memory.chunks() - memory.tensors() + (long) schedule.chunks() * StepTables.CHUNK.bytes();
    int[] slots = plan.groups().stream().mapToInt(group -> group.slots().size()).toArray();
    try (Arena scratch = Arena.ofConfined()) {
      MemorySegment tables = scratch.allocate(bytes, Long.BYTES);
      for (QueueBinding binding : bindings) {
        TensorPlan tensor = binding.tensor();
        long at = (long) tensor.index() * StepTables.TENSOR.bytes();
        write(tables, at, binding, schedule.objects(tensor), slots[tensor.group()]);
      }
      schedule.write(tables.asSlice(memory.chunks() - memory.tensors()));
      queue.write(memory.memory(), memory.tensors(), tables);
    }
  }

  /** What depends on the buffers of one tensor, where they are in the same objects and of the same lengths as before. */
  void binding(StepPlan plan, QueueBinding binding, Schedule schedule) {
    TensorPlan tensor = binding.tensor();
    MemorySegment record = MemorySegment.ofArray(new long[StepTables.TENSOR.bytes() / Long.BYTES]);
    write(record, 0, binding, schedule.objects(tensor), plan.groupOf(tensor).slots().size());
    queue.write(memory.memory(), memory.tensors() + (long) tensor.index() * StepTables.TENSOR.bytes(), record);
  }

  private void write(MemorySegment table, long at, QueueBinding binding, int objects, int slots) {
    TensorPlan tensor = binding.tensor();
    QueueBuffer value = binding.value();
    QueueBuffer gradient = binding.gradient();
    boolean live = gradient != null;
    StepTables.VALUE.setLong(table, at, value.place());
    StepTables.GRADIENT.setLong(table, at, live ? gradient.place() : 0);
    StepTables.TARGET.setLong(table, at, live ? binding.target().place() : 0);
    for (int slot = 0; slot < slots; slot++) {
      StepTables.SLOTS.setLong(table, at, slot, state.place(binding, slot));
    }
    StepTables.LENGTH.setLong(table, at, tensor.length());
    StepTables.OFFSET.setLong(table, at, tensor.offset());
    StepTables.NAME_HASH.setLong(table, at, tensor.nameHash());
    // Without gradient the tensor counts as empty: one block, whose sum is its own.
    int i = tensor.index();
    StepTables.PARTIALS.setLong(table, at, live ? tree.partials(i) : SumTree.ownSum(i));
    StepTables.NODE.setInt(table, at, live ? tree.firstNode(i) : tree.nodeAbove(i));
    StepTables.GROUP_NUMBER.setInt(table, at, tensor.group());
    StepTables.FLAGS.setInt(table, at, objects
        | (live ? StepTables.HAS_GRADIENT : 0)
        | (live && binding.zeroGradient() ? StepTables.ZERO_GRADIENT : 0)
        | (binding.negated() ? StepTables.NEGATED : 0)
        | (valueAligned(binding) ? StepTables.VALUE_ALIGNED : 0)
        | (live && gradient.aligned(kernels.alignment(gradient.type())) ? StepTables.GRADIENT_ALIGNED : 0));
    StepTables.INDEX.setInt(table, at, i);
  }

  /** The value, and what lies anywhere as far as kernels allow it: an update's target, state that was lent. */
  private boolean valueAligned(QueueBinding binding) {
    return Stream.concat(Stream.of(binding.value(), binding.target()).filter(Objects::nonNull), binding.state().stream())
        .allMatch(buffer -> buffer.aligned(kernels.alignment(buffer.type())));
  }
}
