package io.nlar.cpu;

import io.nlar.Control;
import io.nlar.DType;
import io.nlar.Slot;
import io.nlar.cpu.kernel.Memory;
import io.nlar.spi.GroupPlan;
import io.nlar.spi.RulePlan;
import io.nlar.spi.SlotPlan;
import io.nlar.spi.StepPlan;
import io.nlar.spi.TensorPlan;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * All memory of a step, in one piece: the control block, the sums of squares, the sums of blocks, and the state.
 *
 * <p>The state lies group by group and slot by slot, and in each slot tensor after tensor, at the same places in all slots
 * of a group. So a pass over many small tensors still reads and writes a few long streams; and small tensors touch, so
 * that neighbours can be updated as one. State that callers lend is not here.
 */
final class StepMemory implements AutoCloseable {
  private static final long CACHE_LINE = 64;
  private static final long PAGE = 4096;

  private static final int KEPT_BYTES = RulePlan.MOST_KEPT * Double.BYTES;

  /** Tensors of so many bytes start at a cache line; smaller ones where the one before ends. */
  private static final long LARGE = 16 << 10;

  /**
   * Slots of at least so many bytes lie {@link #STAGGER} apart beyond multiples of {@link #PERIOD}. Streams whose distance is a
   * large power of two meet in the same banks of memory: 128 MiB apart, a step takes half as long again on a Zen 3.
   */
  private static final long STAGGERED = 8 << 20;
  private static final long STAGGER = 64 << 10;
  private static final long PERIOD = 1 << 20;

  private final CpuDevice device;
  private final StepPlan plan;
  private final NativeMemory memory;
  private final CpuBuffer control;
  private final CpuBuffer sums;
  /** What is kept of parameters; null where nothing is. */
  private final CpuBuffer numbers;
  private final long blocks;
  /** What is kept of parameters, and the sums of products of each block. */
  private final long kept;
  private final long products;
  private final long productsApart;
  /** The block of each tensor's first elements among all blocks; null where no rule observes. */
  private final long[] firstBlocks;
  /** Where each group's slots start in the memory. */
  private final List<Map<Slot, Long>> slots = new ArrayList<>();
  /** Where each tensor starts in the slots of its group, in elements. */
  private final long[] places;
  /** Made when they are first asked for: of many small tensors they would take more memory than the state. */
  private final Map<Slot, CpuBuffer[]> buffers = new EnumMap<>(Slot.class);

  /** Allocates everything that the steps of {@code plan} need, zeroed. */
  StepMemory(CpuDevice device, StepPlan plan) {
    this.device = device;
    this.plan = plan;
    this.places = new long[plan.tensors().size()];
    long controlBytes = (long) Control.LENGTH * Double.BYTES;
    long sumBytes = (places.length + 1L) * Double.BYTES;
    // The tensors' sums are folded behind the sums of blocks.
    long blockBytes = places.length * (long) Double.BYTES;
    for (TensorPlan tensor : plan.tensors()) {
      blockBytes = Math.addExact(blockBytes, tensor.ownBlocks() * Double.BYTES);
    }
    long keptBytes = plan.keepsOfParameters() ? places.length * (long) KEPT_BYTES : 0;
    productsApart = plan.observes() ? blockBytes : 0;
    firstBlocks = plan.observes() ? firstBlocks(plan) : null;
    long front = controlBytes + sumBytes + blockBytes;
    long end = layOut(roundUp(Math.addExact(front + keptBytes, Math.multiplyExact(3, productsApart)), PAGE));
    memory = device.holdings().allocate(end, "the state of " + places.length + " parameters");
    control = buffer(DType.FLOAT64, 0, controlBytes);
    sums = buffer(DType.FLOAT64, controlBytes, sumBytes);
    blocks = memory.address() + controlBytes + sumBytes;
    kept = memory.address() + front;
    numbers = keptBytes > 0 ? buffer(DType.FLOAT64, front, keptBytes) : null;
    products = kept + keptBytes;
  }

  private static long[] firstBlocks(StepPlan plan) {
    long[] first = new long[plan.tensors().size()];
    long next = 0;
    for (TensorPlan tensor : plan.tensors()) {
      first[tensor.index()] = next;
      next += tensor.ownBlocks();
    }
    return first;
  }

  /** Places the state from {@code start} on and returns where it ends. */
  private long layOut(long start) {
    long[] elements = new long[plan.groups().size()];
    long[] lent = new long[elements.length];
    int[] narrowest = plan.groups().stream()
        .mapToInt(group -> group.slots().stream().mapToInt(slot -> slot.type().bytes()).min().orElse(1)).toArray();
    for (TensorPlan tensor : plan.tensors()) {
      int group = tensor.group();
      if (tensor.lentState()) {
        // Only that neighbours are seen to touch; nothing lies there.
        places[tensor.index()] = lent[group];
        lent[group] = Math.addExact(lent[group], tensor.length());
        continue;
      }
      long own = Math.multiplyExact(tensor.length(), plan.groupOf(tensor).type().bytes());
      long place = own >= LARGE ? roundUp(elements[group], CACHE_LINE / narrowest[group]) : elements[group];
      places[tensor.index()] = place;
      elements[group] = Math.addExact(place, tensor.length());
    }
    long end = start;
    int large = 0;
    for (GroupPlan group : plan.groups()) {
      long all = elements[slots.size()];
      Map<Slot, Long> starts = new EnumMap<>(Slot.class);
      for (SlotPlan slot : group.slots()) {
        long own = Math.multiplyExact(all, slot.type().bytes());
        if (own >= STAGGERED) {
          large++;
          end = Math.addExact(end, Math.floorMod(large * STAGGER - end, PERIOD));
        }
        starts.put(slot.slot(), end);
        end = roundUp(Math.addExact(end, own), own >= PAGE ? PAGE : CACHE_LINE);
      }
      slots.add(starts);
    }
    return end;
  }

  private static long roundUp(long bytes, long unit) {
    return Math.addExact(bytes, unit - 1) / unit * unit;
  }

  private CpuBuffer buffer(DType type, long offset, long bytes) {
    return new CpuBuffer(device, type, memory.segment().asSlice(offset, bytes), null, null);
  }

  CpuBuffer control() {
    return control;
  }

  double get(Control element) {
    return control.segment().getAtIndex(ValueLayout.JAVA_DOUBLE, element.ordinal());
  }

  void set(Control element, double value) {
    control.segment().setAtIndex(ValueLayout.JAVA_DOUBLE, element.ordinal(), value);
  }

  /** The sums of squares: the total, then one per tensor. */
  CpuBuffer sums() {
    return sums;
  }

  /** The address of room for all sums of blocks, and behind them one of each tensor. */
  long blocks() {
    return blocks;
  }

  /** The address at which a group's slot starts; the group keeps it. */
  long slot(int group, Slot slot) {
    return memory.address() + slots.get(group).get(slot);
  }

  /**
   * How far behind the start of each of its group's slots the state of a tensor starts, in elements; state that was lent
   * is counted for itself.
   */
  long place(int tensor) {
    return places[tensor];
  }

  /** The buffer of a tensor's slot, the same in every call; null where it keeps none. */
  CpuBuffer state(int index, Slot slot) {
    TensorPlan tensor = plan.tensors().get(index);
    Long start = slots.get(tensor.group()).get(slot);
    int number = slot.perParameter() ? plan.groupOf(tensor).rule().parameterNumber(slot) : -1;
    if (start == null && number < 0) {
      return null;
    }
    CpuBuffer[] made = buffers.computeIfAbsent(slot, s -> new CpuBuffer[places.length]);
    if (number >= 0) {
      if (made[index] == null) {
        made[index] = buffer(DType.FLOAT64, kept - memory.address() + keptOffset(index, number), Double.BYTES);
      }
      return made[index];
    }
    if (made[index] == null) {
      DType type = plan.groupOf(tensor).storage().type(slot);
      made[index] = buffer(type, start + places[index] * type.bytes(), tensor.length() * type.bytes());
    }
    return made[index];
  }

  private static long keptOffset(int tensor, int number) {
    return (long) tensor * KEPT_BYTES + (long) number * Double.BYTES;
  }

  /** What is kept of all tensors; null where nothing is. */
  CpuBuffer numbers() {
    return numbers;
  }

  /** Copies the first numbers that are kept of a tensor. */
  void kept(int tensor, double[] to, int count) {
    for (int i = 0; i < count; i++) {
      to[i] = Memory.EVERYWHERE.get(ValueLayout.JAVA_DOUBLE, kept + keptOffset(tensor, i));
    }
  }

  /** Changes a number that is kept of a tensor. */
  void setKept(int tensor, int number, double value) {
    Memory.EVERYWHERE.set(ValueLayout.JAVA_DOUBLE, kept + keptOffset(tensor, number), value);
  }

  /** The address of a tensor's sums of products, a double for each block: {@code sum} is 0 for d·v, 1 for d·d, 2 for v·v. */
  long products(int tensor, int sum) {
    return products + sum * productsApart + firstBlocks[tensor] * Double.BYTES;
  }

  /** Bytes from a sum of a block to the next one of the three. */
  long productsApart() {
    return productsApart;
  }

  /** Closes the buffers and frees the memory. */
  @Override
  public void close() {
    control.close();
    sums.close();
    if (numbers != null) {
      numbers.close();
    }
    for (CpuBuffer[] made : buffers.values()) {
      for (CpuBuffer buffer : made) {
        if (buffer != null) {
          buffer.close();
        }
      }
    }
    device.holdings().free(memory);
  }
}
