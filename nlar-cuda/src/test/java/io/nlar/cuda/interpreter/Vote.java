package io.nlar.cuda.interpreter;

/** {@code vote.sync}: what the lanes' predicates have in common. */
final class Vote extends WarpExchange {
  /** What is asked. */
  enum Mode { ALL, ANY, UNI, BALLOT }

  private final Mode mode;
  private final int result;
  private final int predicate;
  private final boolean negated;

  Vote(Mode mode, int result, int predicate, boolean negated, int members) {
    super(members, false);
    this.mode = mode;
    this.result = result;
    this.predicate = predicate;
    this.negated = negated;
  }

  @Override
  void exchange(Warp warp, int lanes) {
    int yes = 0;
    for (int rest = lanes; rest != 0; rest &= rest - 1) {
      int lane = Integer.numberOfTrailingZeros(rest);
      if (warp.registers[predicate + lane] != 0 ^ negated) {
        yes |= 1 << lane;
      }
    }
    long answer = switch (mode) {
      case ALL -> yes == lanes ? 1 : 0;
      case ANY -> yes != 0 ? 1 : 0;
      case UNI -> yes == 0 || yes == lanes ? 1 : 0;
      case BALLOT -> yes & 0xffffffffL;
    };
    for (int rest = lanes; rest != 0; rest &= rest - 1) {
      warp.registers[result + Integer.numberOfTrailingZeros(rest)] = answer;
    }
  }
}
