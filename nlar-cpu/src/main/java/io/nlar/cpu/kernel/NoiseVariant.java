package io.nlar.cpu.kernel;

import io.nlar.DType;

/**
 * What a noise kernel is specialised to.
 *
 * @param type the element type
 * @param vectorBits width of its vectors of longs and doubles, at least {@link #NARROWEST}
 */
public record NoiseVariant(DType type, int vectorBits) {
  /** In vectors of two longs the compiler exchanges no lanes: each would be an object. */
  public static final int NARROWEST = 256;
}
