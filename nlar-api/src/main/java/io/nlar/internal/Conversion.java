package io.nlar.internal;

import io.nlar.DType;
import io.nlar.spi.StandardArithmetic;
import java.lang.foreign.MemorySegment;

/** Elements of one type as another's. */
final class Conversion {
  private Conversion() {}

  /**
   * The elements of {@code piece} in type {@code to}, rounded to nearest even: {@code piece} itself where that is their type.
   * Where the calling thread takes subnormal numbers for 0, another converts them.
   */
  static MemorySegment of(MemorySegment piece, DType from, DType to) {
    if (from == to) {
      return piece;
    }
    long count = piece.byteSize() / from.bytes();
    byte[] bytes = new byte[Math.toIntExact(count * to.bytes())];
    MemorySegment converted = MemorySegment.ofArray(bytes);
    StandardArithmetic.compute(() -> {
      for (long i = 0; i < count; i++) {
        to.set(converted, i, from.get(piece, i));
      }
      return bytes;
    });
    return converted;
  }
}
