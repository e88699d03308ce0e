package io.nlar.spi.queue;

import io.nlar.Control;
import io.nlar.Step;
import io.nlar.spi.Releases;
import io.nlar.spi.RulePlan;
import io.nlar.spi.StepPlan;

/**
 * What a step keeps on the device beside its state, in one piece of memory; offsets in bytes.
 *
 * @param memory the piece
 * @param refusals the ring of refused steps, in memory that the host sees
 * @param tensorCount number of parameters
 * @param control the control block
 * @param sums the sums of squares: the total, one a tensor, then the inner values of {@link SumTree}
 * @param values how many these are
 * @param kept what is kept of each tensor, {@link RulePlan#MOST_KEPT} numbers; of none, where no rule keeps any
 * @param products three times as many values as {@code sums} has, one sum of products after the other; where no rule
 *     observes, none
 * @param arrivals counters: one of the thread blocks or work-groups of an update, then one a node; 0 between launches
 * @param groups the table of groups
 * @param nodes the table of nodes
 * @param tensors the table of tensors
 * @param chunks the table of chunks
 * @param bytes all of it
 */
public record StepMemory(DeviceMemory memory, DeviceMemory refusals, int tensorCount, long control, long sums,
    long values, long kept, long products, long arrivals, long groups, long nodes, long tensors, long chunks, long bytes) {

  /** Lays out and allocates it, zeroed. */
  static StepMemory allocate(Queue queue, StepPlan plan, SumTree tree, long chunkCapacity, Releases releases) {
    int count = plan.tensors().size();
    long sums = aligned((long) Control.LENGTH * Double.BYTES);
    long kept = aligned(sums + tree.values() * Double.BYTES);
    long products = aligned(kept + (plan.keepsOfParameters() ? (long) count * RulePlan.MOST_KEPT * Double.BYTES : 0));
    long arrivals = aligned(products + (plan.observes() ? StepTables.PRODUCTS * tree.values() * Double.BYTES : 0));
    long groups = aligned(arrivals + (1L + tree.nodes().size()) * Integer.BYTES);
    long nodes = aligned(groups + (long) plan.groups().size() * StepTables.GROUP.bytes());
    long tensors = aligned(nodes + (long) tree.nodes().size() * StepTables.NODE_RECORD.bytes());
    long chunks = aligned(tensors + (long) count * StepTables.TENSOR.bytes());
    long bytes = aligned(chunks + chunkCapacity * StepTables.CHUNK.bytes());
    DeviceMemory memory = releases.add(
        queue.zeroed(bytes, "the tables of a step over " + count + " parameters"), DeviceMemory::release);
    DeviceMemory refusals = releases.add(queue.visibleMemory(
        (long) Step.REMEMBERED_TICKETS * StepTables.REFUSAL.bytes(), "the refusals of a step"), DeviceMemory::release);
    return new StepMemory(memory, refusals, count, 0, sums, tree.values(), kept, products, arrivals, groups, nodes, tensors, chunks, bytes);
  }

  private static long aligned(long offset) {
    return (offset + 255) & -256;
  }
}
