package io.nlar.cuda.interpreter;

/** The end of a thread. */
final class Exit extends Instruction {

  @Override
  void execute(Warp warp, int lanes) {
    throw new IllegalStateException("the warp ends its threads");
  }
}
