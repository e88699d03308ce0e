package io.nlar.cuda.interpreter;

/** {@code membar} and {@code fence}. */
final class Fence extends Instruction {
  private final boolean wide;

  /** @param wide whether it orders accesses for threads of other thread blocks too */
  Fence(boolean wide) {
    this.wide = wide;
  }

  @Override
  void execute(Warp warp, int lanes) {
    // Memory is sequential here; only the race detector asks.
    RaceDetector detector = warp.block.launch.detector;
    if (detector != null && wide) {
      for (int rest = lanes; rest != 0; rest &= rest - 1) {
        detector.fence(warp.thread(Integer.numberOfTrailingZeros(rest)));
      }
    }
  }
}
