package io.nlar.cuda;

import io.nlar.Slot;
import io.nlar.spi.Binding;
import io.nlar.spi.StepPlan;
import io.nlar.spi.TensorPlan;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Where the data of each tensor lie, as the kernels read it. */
final class TensorTable {
  /** Bytes of a tensor in device memory. */
  static final int ENTRY_BYTES = 96;
  private static final int ZERO_GRADIENT = 1;
  private static final int VALUE_ALIGNED = 2;
  private static final int GRADIENT_ALIGNED = 4;

  private TensorTable() {}

  static void write(MemorySegment table, StepPlan plan, List<Binding> bindings, StateSlots state, SumTree tree) {
    for (TensorPlan tensor : plan.tensors()) {
      int i = tensor.index();
      long at = (long) i * ENTRY_BYTES;
      Binding binding = bindings.get(i);
      long value = ((CudaBuffer) binding.value()).address();
      boolean live = binding.gradient() != null;
      long gradient = live ? ((CudaBuffer) binding.gradient()).address() : 0;
      Table.setLong(table, at, value);
      Table.setLong(table, at + 8, gradient);
      Table.setLong(table, at + 16, state.address(i, Slot.VELOCITY));
      Table.setLong(table, at + 24, state.address(i, Slot.RATE));
      Table.setLong(table, at + 32, state.address(i, Slot.WEIGHT));
      Table.setLong(table, at + 40, state.address(i, Slot.NOISE));
      Table.setLong(table, at + 48, tensor.length());
      Table.setLong(table, at + 56, plan.groupOf(tensor).seed() ^ tensor.nameHash());
      // Without gradient the tensor counts as empty: one block, whose sum is its own.
      Table.setLong(table, at + 64, live ? tree.partials(i) : SumTree.ownSum(i));
      Table.setInt(table, at + 72, live ? tree.firstNode(i) : tree.nodeAbove(i));
      Table.setInt(table, at + 76, tensor.group());
      Table.setInt(table, at + 80, (live && binding.zeroGradient() ? ZERO_GRADIENT : 0)
          | (value % LaunchShape.WIDE == 0 ? VALUE_ALIGNED : 0)
          | (gradient % LaunchShape.WIDE == 0 ? GRADIENT_ALIGNED : 0));
      Table.setInt(table, at + 84, i);
    }
  }
}
