package io.nlar.cuda.interpreter;

/** {@code shfl.sync}: each lane reads a register of another one. */
final class Shuffle extends WarpExchange {
  /** Which lane is read. */
  enum Mode { UP, DOWN, BFLY, IDX }

  private final Mode mode;
  private final int result;
  /** The register that tells whether the lane read was in range, or -1. */
  private final int inRange;
  private final int value;
  private final int distance;
  private final int clamp;

  Shuffle(Mode mode, int result, int inRange, int value, int distance, int clamp, int members) {
    super(members, false);
    this.mode = mode;
    this.result = result;
    this.inRange = inRange;
    this.value = value;
    this.distance = distance;
    this.clamp = clamp;
  }

  @Override
  void exchange(Warp warp, int lanes) {
    long[] r = warp.registers;
    long[] values = new long[LANES];
    System.arraycopy(r, value, values, 0, LANES);
    for (int rest = lanes; rest != 0; rest &= rest - 1) {
      int lane = Integer.numberOfTrailingZeros(rest);
      int segment = (int) (r[clamp + lane] >>> 8 & 31);
      int limit = (int) (r[clamp + lane] & 31);
      int last = lane & segment | limit & ~segment;
      int by = (int) (r[distance + lane] & 31);
      int from = switch (mode) {
        case UP -> lane - by;
        case DOWN -> lane + by;
        case BFLY -> lane ^ by;
        case IDX -> lane & segment | by & ~segment;
      };
      boolean valid = mode == Mode.UP ? from >= last : from <= last;
      if (!valid) {
        from = lane;
      }
      if ((lanes >>> from & 1) == 0) {
        throw failure(warp, lane, "reads lane " + from + ", which takes no part");
      }
      r[result + lane] = values[from];
      if (inRange >= 0) {
        r[inRange + lane] = valid ? 1 : 0;
      }
    }
  }
}
