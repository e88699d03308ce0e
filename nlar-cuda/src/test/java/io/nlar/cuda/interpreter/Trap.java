package io.nlar.cuda.interpreter;

/** Ends the kernel with a failure. */
final class Trap extends Instruction {

  @Override
  void execute(Warp warp, int lanes) {
    throw failure(warp, Integer.numberOfTrailingZeros(lanes), "gives up");
  }
}
