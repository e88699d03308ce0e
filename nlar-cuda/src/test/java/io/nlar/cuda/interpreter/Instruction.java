package io.nlar.cuda.interpreter;

/** One instruction of a kernel: what it does to the lanes of a warp that execute it together. */
abstract class Instruction {
  /** Lanes of a warp. */
  static final int LANES = 32;

  /** The instruction as the PTX has it, and the line it stands in. */
  String text;
  int line;
  /** Its place in the kernel. */
  int index;
  /** The register, times {@link #LANES}, of the predicate under which it is executed; -1 without one. */
  int guard = -1;
  boolean guardNegated;
  /** Whether the warp itself executes it: it branches, ends or waits. */
  final boolean control = this instanceof Branch || this instanceof Exit || this instanceof BlockBarrier
      || this instanceof WarpExchange;

  /** Those of the lanes for which the predicate holds. */
  final int guarded(Warp warp, int lanes) {
    if (guard < 0) {
      return lanes;
    }
    int result = 0;
    for (int rest = lanes; rest != 0; rest &= rest - 1) {
      int lane = Integer.numberOfTrailingZeros(rest);
      if (warp.registers[guard + lane] != 0 ^ guardNegated) {
        result |= 1 << lane;
      }
    }
    return result;
  }

  /** Executes it for some lanes; they go on with the next instruction. Control instructions are the warp's own. */
  abstract void execute(Warp warp, int lanes);

  final PtxException failure(String what) {
    return new PtxException(what + ": line " + line + ", " + text);
  }

  /** A failure in one lane. */
  final PtxException failure(Warp warp, int lane, String what) {
    return failure(warp.name(lane) + " " + what);
  }

  @Override
  public final String toString() {
    return text + " (line " + line + ")";
  }
}
