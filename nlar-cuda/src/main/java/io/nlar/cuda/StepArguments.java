package io.nlar.cuda;

import io.nlar.spi.queue.Part;
import io.nlar.spi.queue.StepMemory;
import io.nlar.spi.queue.StepTables;
import io.nlar.spi.queue.Struct;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** The one argument of every kernel, in native memory. */
final class StepArguments {
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
  private static final Struct.Field GRADIENT_SCALE = ARGUMENTS.real("gradientScale");
  private static final Struct.Field RATE_FACTOR = ARGUMENTS.real("rateFactor");
  private static final Struct.Field TICKET = ARGUMENTS.wide("ticket");
  private static final Struct.Field CHUNK_COUNT = ARGUMENTS.word("chunkCount");
  private static final Struct.Field TENSOR_COUNT = ARGUMENTS.word("tensorCount");
  private static final Struct.Field FLAGS = ARGUMENTS.word("flags");
  private static final Struct.Field SPLITTING = ARGUMENTS.word("splitting");

  /** Bytes of the argument. */
  static final int BYTES = ARGUMENTS.bytes();

  private final MemorySegment memory = Arena.ofAuto().allocate(BYTES, Long.BYTES);

  MemorySegment memory() {
    return memory;
  }

  /** What a launch has to do, each chunk of which is shared by 2^{@code splitting} thread blocks. */
  void set(StepMemory step, Part part, int splitting) {
    long base = Driver.address(step.memory());
    TENSORS.setLong(memory, 0, base + step.tensors());
    CHUNKS.setLong(memory, 0, base + step.chunks() + (long) part.first() * StepTables.CHUNK.bytes());
    GROUPS.setLong(memory, 0, base + step.groups());
    NODES.setLong(memory, 0, base + step.nodes());
    NODE_ARRIVALS.setLong(memory, 0, base + step.arrivals() + Integer.BYTES);
    SUMS.setLong(memory, 0, base + step.sums());
    CONTROL.setLong(memory, 0, base + step.control());
    ARRIVALS.setLong(memory, 0, base + step.arrivals());
    REFUSALS.setLong(memory, 0, Driver.address(step.refusals()));
    TENSOR_COUNT.setInt(memory, 0, step.tensorCount());
    CHUNK_COUNT.setInt(memory, 0, part.chunks());
    SPLITTING.setInt(memory, 0, splitting);
  }

  void scalars(long ticket, double gradientScale, double rateFactor, int flags) {
    TICKET.setLong(memory, 0, ticket);
    GRADIENT_SCALE.setDouble(memory, 0, gradientScale);
    RATE_FACTOR.setDouble(memory, 0, rateFactor);
    FLAGS.setInt(memory, 0, flags);
  }
}
