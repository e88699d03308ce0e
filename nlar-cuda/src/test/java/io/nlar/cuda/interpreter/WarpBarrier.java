package io.nlar.cuda.interpreter;

/** {@code bar.warp.sync}. */
final class WarpBarrier extends WarpExchange {

  WarpBarrier(int members) {
    super(members, true);
  }

  @Override
  void exchange(Warp warp, int lanes) {
    // Waiting is all.
  }
}
