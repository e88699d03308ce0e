package io.nlar.cuda.interpreter;

/**
 * What the lanes named by a mask do together, each waiting for all others: barriers of a warp, shuffles, votes. All of
 * them have to come to the very same instruction, with the same mask, which must hold them; a thread that has ended comes
 * no more. That is stricter than some GPUs are.
 */
abstract class WarpExchange extends Instruction {
  /** The register of the mask. */
  final int members;
  /** Whether it orders the lanes' accesses to memory: {@code bar.warp.sync} does, shuffles and votes do not. */
  final boolean orders;

  WarpExchange(int members, boolean orders) {
    this.members = members;
    this.orders = orders;
  }

  @Override
  final void execute(Warp warp, int lanes) {
    throw new IllegalStateException("the warp waits");
  }

  /** Happens when all lanes are here. */
  abstract void exchange(Warp warp, int lanes);
}
