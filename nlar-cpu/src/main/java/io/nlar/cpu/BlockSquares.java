package io.nlar.cpu;

import io.nlar.DType;
import io.nlar.cpu.kernel.Kernels;
import io.nlar.cpu.kernel.Memory;
import io.nlar.cpu.kernel.SumKernel;
import java.lang.foreign.MemorySegment;

/**
 * Sums of squares of the blocks of gradients of one type, in memory of one kind. Float16 is converted a block at a time: in the
 * loop of a sum its conversion would be more than the compiler inlines.
 */
final class BlockSquares {
  private final DType type;
  private final SumKernel.Variant variant;
  private final SumKernel kernel;

  private BlockSquares(DType type, SumKernel.Variant variant) {
    this.type = type;
    this.variant = variant;
    this.kernel = Kernels.sums(variant);
  }

  /** Of {@code type} in memory like {@code elements}: {@code last} again, where it does. */
  static BlockSquares of(DType type, int vectorBits, MemorySegment elements, BlockSquares last) {
    SumKernel.Variant wanted = switch (type) {
      case FLOAT32, FLOAT64, BFLOAT16 -> new SumKernel.Variant(type, vectorBits, true, elements.getClass());
      case FLOAT16 -> new SumKernel.Variant(DType.FLOAT32, vectorBits, true, Memory.EVERYWHERE.getClass());
      case UINT16 -> throw new IllegalArgumentException(type + " is no type of gradients");
    };
    return last != null && last.type == type && last.variant.equals(wanted) ? last : new BlockSquares(type, wanted);
  }

  /** Bytes of an element. */
  int elementBytes() {
    return type.bytes();
  }

  /** Leaves at {@code to} the sums of the blocks of {@code count} elements, the first of which, at {@code at}, begins one. */
  void leave(MemorySegment elements, long at, long count, long to, Scratch scratch) {
    if (variant.type() == type) {
      kernel.run(elements, at, count, to, scratch.sums);
      return;
    }
    for (long first = 0; first < count; first += SumKernel.BLOCK) {
      int present = (int) Math.min(SumKernel.BLOCK, count - first);
      kernel.run(Memory.EVERYWHERE, scratch.widen(elements, at + first * type.bytes(), present, false), present,
          to + first / SumKernel.BLOCK * Double.BYTES, scratch.sums);
    }
  }
}
