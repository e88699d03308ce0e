package io.nlar.cuda.interpreter;

/** {@code bar.sync}: waits for all threads of the thread block. */
final class BlockBarrier extends Instruction {
  final int barrier;
  /** Whether all lanes of a warp must come to the same instruction. */
  final boolean aligned;

  BlockBarrier(int barrier, boolean aligned) {
    this.barrier = barrier;
    this.aligned = aligned;
  }

  @Override
  void execute(Warp warp, int lanes) {
    throw new IllegalStateException("the warp waits");
  }
}
