package io.nlar.cuda;

import io.nlar.Control;
import io.nlar.spi.StepPlan;

/** Where the control block, the sums and the tables of a step lie within one allocation; offsets in bytes. */
record WorkArea(
    long control, long sums, long arrivals, long tensors, long groups, long nodes, long chunks, long bytes) {

  static WorkArea of(StepPlan plan, SumTree tree) {
    long control = 0;
    long sums = Table.aligned(control + (long) Control.LENGTH * Double.BYTES);
    long arrivals = Table.aligned(sums + tree.values() * Double.BYTES);
    // one counter of the thread blocks of an apply launch, then one a node
    long tensors = Table.aligned(arrivals + (1L + tree.nodes().size()) * Integer.BYTES);
    long groups = Table.aligned(tensors + (long) plan.tensors().size() * TensorTable.ENTRY_BYTES);
    long nodes = Table.aligned(groups + (long) plan.groups().size() * GroupTable.ENTRY_BYTES);
    long chunks = Table.aligned(nodes + (long) tree.nodes().size() * SumTree.NODE_BYTES);
    long bytes = Table.aligned(chunks + ChunkTable.capacity(plan) * ChunkTable.ENTRY_BYTES);
    return new WorkArea(control, sums, arrivals, tensors, groups, nodes, chunks, bytes);
  }

  /** Where the part begins that the host writes when buffers are bound. */
  long tables() {
    return tensors;
  }
}
