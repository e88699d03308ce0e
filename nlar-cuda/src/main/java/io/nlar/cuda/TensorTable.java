package io.nlar.cuda;

import io.nlar.spi.Binding;
import io.nlar.spi.StepPlan;
import io.nlar.spi.TensorPlan;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Where the data of each tensor lie, as the kernels read it. */
final class TensorTable {
  /** The most state tensors of a parameter: a rule's, and frozen noise. */
  static final int MOST_SLOTS = 4;

  static final Struct TENSOR = new Struct("Tensor");
  private static final Struct.Field VALUE = TENSOR.wide("value");
  private static final Struct.Field GRADIENT = TENSOR.wide("gradient");
  private static final Struct.Field SLOTS = TENSOR.wide("slots", MOST_SLOTS);
  private static final Struct.Field LENGTH = TENSOR.wide("length");
  private static final Struct.Field NAME_HASH = TENSOR.wide("nameHash");
  private static final Struct.Field PARTIALS = TENSOR.wide("partials");
  private static final Struct.Field NODE = TENSOR.word("node");
  private static final Struct.Field GROUP = TENSOR.word("group");
  private static final Struct.Field FLAGS = TENSOR.word("flags");
  private static final Struct.Field INDEX = TENSOR.word("index");

  /** Bytes of a tensor in device memory. */
  static final int ENTRY_BYTES = TENSOR.bytes();

  static final int ZERO_GRADIENT = 1;
  static final int VALUE_ALIGNED = 2;
  static final int GRADIENT_ALIGNED = 4;

  private TensorTable() {}

  static void write(MemorySegment table, StepPlan plan, List<Binding> bindings, StateSlots state, SumTree tree) {
    for (TensorPlan tensor : plan.tensors()) {
      int i = tensor.index();
      long at = (long) i * ENTRY_BYTES;
      Binding binding = bindings.get(i);
      long value = ((CudaBuffer) binding.value()).address();
      boolean live = binding.gradient() != null;
      long gradient = live ? ((CudaBuffer) binding.gradient()).address() : 0;
      VALUE.setLong(table, at, value);
      GRADIENT.setLong(table, at, gradient);
      int slots = plan.groupOf(tensor).slots().size();
      for (int slot = 0; slot < slots; slot++) {
        SLOTS.setLong(table, at, slot, state.address(i, slot));
      }
      LENGTH.setLong(table, at, tensor.length());
      NAME_HASH.setLong(table, at, tensor.nameHash());
      // Without gradient the tensor counts as empty: one block, whose sum is its own.
      PARTIALS.setLong(table, at, live ? tree.partials(i) : SumTree.ownSum(i));
      NODE.setInt(table, at, live ? tree.firstNode(i) : tree.nodeAbove(i));
      GROUP.setInt(table, at, tensor.group());
      FLAGS.setInt(table, at, (live && binding.zeroGradient() ? ZERO_GRADIENT : 0)
          | (value % LaunchShape.WIDE == 0 ? VALUE_ALIGNED : 0)
          | (gradient % LaunchShape.WIDE == 0 ? GRADIENT_ALIGNED : 0));
      INDEX.setInt(table, at, i);
    }
  }
}
