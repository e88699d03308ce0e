package io.nlar.cuda.interpreter;

/** What changes no result: sleeping, and hints to caches. */
final class Nothing extends Instruction {

  @Override
  void execute(Warp warp, int lanes) {
    // See above.
  }
}
