package io.nlar.cuda.interpreter;

/** Moves between one register and two of half its width, the low half first. */
final class Pair extends Instruction {
  private final boolean joins;
  private final int whole;
  private final int low;
  private final int high;
  private final int half;

  /**
   * A move.
   *
   * @param joins whether the two halves make the whole, or the other way round
   * @param half bits of a half
   */
  Pair(boolean joins, int whole, int low, int high, int half) {
    this.joins = joins;
    this.whole = whole;
    this.low = low;
    this.high = high;
    this.half = half;
  }

  @Override
  void execute(Warp warp, int lanes) {
    long[] r = warp.registers;
    for (int rest = lanes; rest != 0; rest &= rest - 1) {
      int lane = Integer.numberOfTrailingZeros(rest);
      if (joins) {
        r[whole + lane] = r[high + lane] << half | r[low + lane];
      } else {
        long bits = r[whole + lane];
        r[low + lane] = Types.low(bits, half);
        r[high + lane] = bits >>> half;
      }
    }
  }
}
