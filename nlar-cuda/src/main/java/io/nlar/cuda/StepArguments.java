package io.nlar.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** The one argument of every kernel, in native memory. */
final class StepArguments {
  static final int SCALARS_GIVEN = 1;
  static final int FINISHES = 2;
  static final int REDUCED = 4;
  static final int REFUSES = 8;

  static final Struct ARGUMENTS = new Struct("StepArguments");
  private static final Struct.Field TENSORS = ARGUMENTS.wide("tensors");
  private static final Struct.Field CHUNKS = ARGUMENTS.wide("chunks");
  private static final Struct.Field GROUPS = ARGUMENTS.wide("groups");
  private static final Struct.Field NODES = ARGUMENTS.wide("nodes");
  private static final Struct.Field NODE_ARRIVALS = ARGUMENTS.wide("nodeArrivals");
  private static final Struct.Field SUMS = ARGUMENTS.wide("sums");
  private static final Struct.Field CONTROL = ARGUMENTS.wide("control");
  private static final Struct.Field ARRIVALS = ARGUMENTS.wide("arrivals");
  private static final Struct.Field REFUSALS = ARGUMENTS.wide("refusals");
  private static final Struct.Field GRADIENT_SCALE = ARGUMENTS.wide("gradientScale");
  private static final Struct.Field RATE_FACTOR = ARGUMENTS.wide("rateFactor");
  private static final Struct.Field TICKET = ARGUMENTS.wide("ticket");
  private static final Struct.Field CHUNK_COUNT = ARGUMENTS.word("chunkCount");
  private static final Struct.Field TENSOR_COUNT = ARGUMENTS.word("tensorCount");
  private static final Struct.Field FLAGS = ARGUMENTS.word("flags");
  private static final Struct.Field SPLITTING = ARGUMENTS.word("splitting");

  /** Bytes of the argument. */
  static final int BYTES = ARGUMENTS.bytes();

  private final MemorySegment memory;

  StepArguments(Arena arena, WorkArea area, long base, long refusals, int tensors) {
    memory = arena.allocate(BYTES, Long.BYTES);
    TENSORS.setLong(memory, 0, base + area.tensors());
    GROUPS.setLong(memory, 0, base + area.groups());
    NODES.setLong(memory, 0, base + area.nodes());
    NODE_ARRIVALS.setLong(memory, 0, base + area.arrivals() + Integer.BYTES);
    SUMS.setLong(memory, 0, base + area.sums());
    CONTROL.setLong(memory, 0, base + area.control());
    ARRIVALS.setLong(memory, 0, base + area.arrivals());
    REFUSALS.setLong(memory, 0, refusals);
    TENSOR_COUNT.setInt(memory, 0, tensors);
  }

  MemorySegment memory() {
    return memory;
  }

  /** The chunks of a launch, each of which is shared by 2^{@code splitting} thread blocks. */
  void chunks(long address, int count, int splitting) {
    CHUNKS.setLong(memory, 0, address);
    CHUNK_COUNT.setInt(memory, 0, count);
    SPLITTING.setInt(memory, 0, splitting);
  }

  void scalars(double gradientScale, double rateFactor) {
    GRADIENT_SCALE.setDouble(memory, 0, gradientScale);
    RATE_FACTOR.setDouble(memory, 0, rateFactor);
  }

  void ticket(long ticket) {
    TICKET.setLong(memory, 0, ticket);
  }

  void flags(int flags) {
    FLAGS.setInt(memory, 0, flags);
  }
}
