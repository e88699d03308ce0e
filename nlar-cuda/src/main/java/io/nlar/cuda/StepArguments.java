package io.nlar.cuda;

import io.nlar.DType;
import io.nlar.spi.queue.Part;
import io.nlar.spi.queue.StepMemory;
import io.nlar.spi.queue.StepTables;
import io.nlar.spi.queue.Struct;
import io.nlar.spi.queue.Variant;
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
  private static final Struct.Field KEPT = ARGUMENTS.wide("kept");
  private static final Struct.Field PRODUCTS = ARGUMENTS.wide("products");
  private static final Struct.Field VALUES = ARGUMENTS.wide("values");
  private static final Struct.Field GRADIENT_SCALE = ARGUMENTS.real("gradientScale");
  private static final Struct.Field RATE_FACTOR = ARGUMENTS.real("rateFactor");
  private static final Struct.Field TICKET = ARGUMENTS.wide("ticket");
  private static final Struct.Field CHUNK_COUNT = ARGUMENTS.word("chunkCount");
  private static final Struct.Field TENSOR_COUNT = ARGUMENTS.word("tensorCount");
  private static final Struct.Field FLAGS = ARGUMENTS.word("flags");
  private static final Struct.Field SPLITTING = ARGUMENTS.word("splitting");
  private static final Struct.Field GRADIENT = ARGUMENTS.word("gradient");
  private static final Struct.Field NOISE = ARGUMENTS.word("noise");

  /** Codes of the types of gradients, for kernels that take any. */
  static final int GRADIENT_FLOAT32 = 0;
  static final int GRADIENT_BFLOAT16 = 1;
  static final int GRADIENT_FLOAT16 = 2;

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
    KEPT.setLong(memory, 0, base + step.kept());
    PRODUCTS.setLong(memory, 0, base + step.products());
    VALUES.setLong(memory, 0, step.values());
    TENSOR_COUNT.setInt(memory, 0, step.tensorCount());
    CHUNK_COUNT.setInt(memory, 0, part.chunks());
    SPLITTING.setInt(memory, 0, splitting);
  }

  /** What kernels of narrow storage are told instead of being made for it. */
  void variant(Variant variant) {
    GRADIENT.setInt(memory, 0, code(variant.storage().gradient()));
    NOISE.setInt(memory, 0, variant.noise());
  }

  private static int code(DType gradient) {
    return switch (gradient) {
      case FLOAT32, FLOAT64 -> GRADIENT_FLOAT32;
      case BFLOAT16 -> GRADIENT_BFLOAT16;
      case FLOAT16 -> GRADIENT_FLOAT16;
      case UINT16 -> throw new IllegalArgumentException(gradient + " is no type of gradients");
    };
  }

  void scalars(long ticket, double gradientScale, double rateFactor, int flags) {
    TICKET.setLong(memory, 0, ticket);
    GRADIENT_SCALE.setDouble(memory, 0, gradientScale);
    RATE_FACTOR.setDouble(memory, 0, rateFactor);
    FLAGS.setInt(memory, 0, flags);
  }
}
