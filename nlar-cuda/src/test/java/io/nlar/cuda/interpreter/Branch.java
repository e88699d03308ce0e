package io.nlar.cuda.interpreter;

/** A jump, under a predicate or not. */
final class Branch extends Instruction {
  final boolean uniform;
  /** Where it goes; set when all labels are known. */
  int target;

  /** @param uniform whether all lanes that execute it together take it, or none */
  Branch(boolean uniform) {
    this.uniform = uniform;
  }

  @Override
  void execute(Warp warp, int lanes) {
    throw new IllegalStateException("the warp branches");
  }
}
