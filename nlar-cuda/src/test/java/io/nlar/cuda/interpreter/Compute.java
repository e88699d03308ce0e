package io.nlar.cuda.interpreter;

/** An operation on registers. */
final class Compute extends Instruction {
  private final Operation.Function function;
  private final int result;
  private final int a;
  private final int b;
  private final int c;

  /** Registers are given as their places, {@link #LANES} apart; absent operands as a register of zeros. */
  Compute(Operation.Function function, int result, int a, int b, int c) {
    this.function = function;
    this.result = result;
    this.a = a;
    this.b = b;
    this.c = c;
  }

  @Override
  void execute(Warp warp, int lanes) {
    long[] r = warp.registers;
    if (lanes == -1) {
      for (int lane = 0; lane < LANES; lane++) {
        r[result + lane] = function.of(r[a + lane], r[b + lane], r[c + lane]);
      }
    } else {
      for (int rest = lanes; rest != 0; rest &= rest - 1) {
        int lane = Integer.numberOfTrailingZeros(rest);
        r[result + lane] = function.of(r[a + lane], r[b + lane], r[c + lane]);
      }
    }
  }
}
