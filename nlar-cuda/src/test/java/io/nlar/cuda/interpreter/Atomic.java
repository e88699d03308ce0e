package io.nlar.cuda.interpreter;

/** {@code atom} and {@code red}: reads, computes and writes in one. Lanes take their turn in ascending order. */
final class Atomic extends Access {
  /** What it computes: the number there, the operand, and a second one ({@code cas}: what to write where equal). */
  private final Operation.Function function;
  private final int result;
  private final int operand;
  private final int second;

  /** @param result the register that takes what was there before, or -1 */
  Atomic(Space space, Order order, int bytes, Operation.Function function, int result, int operand, int second,
      int base, long offset) {
    super(space, order, bytes, 1, base, offset);
    this.function = function;
    this.result = result;
    this.operand = operand;
    this.second = second;
  }

  @Override
  void execute(Warp warp, int lanes) {
    long[] r = warp.registers;
    RaceDetector detector = warp.block.launch.detector;
    for (int rest = lanes; rest != 0; rest &= rest - 1) {
      int lane = Integer.numberOfTrailingZeros(rest);
      long address = address(warp, lane);
      Space in = spaceOf(address);
      if (in != Space.GLOBAL && in != Space.SHARED) {
        throw failure(warp, lane, "is atomic on memory of its own");
      }
      long place = place(warp, lane, in, address);
      if (detector != null) {
        detector.update(warp.thread(lane), warp.block.shadow(in), place, bytes, order, this);
      }
      byte[] memory = memory(warp, lane, in);
      long before = Memory.get(memory, place, bytes);
      Memory.set(memory, place, bytes, function.of(before, r[operand + lane], r[second + lane]));
      if (result >= 0) {
        r[result + lane] = before;
      }
    }
  }

  /** The function of an operation and type by their names; null where there is none. */
  static Operation.Function function(String operation, String type) {
    int w = Types.width(type);
    boolean signed = Types.isSigned(type);
    return switch (operation + (type.startsWith("f") ? " float" : "")) {
      case "add" -> (a, b, c) -> Types.low(a + b, w);
      case "inc" -> (a, b, c) -> Long.compareUnsigned(a, b) >= 0 ? 0 : a + 1;
      case "dec" -> (a, b, c) -> a == 0 || Long.compareUnsigned(a, b) > 0 ? b : a - 1;
      case "and" -> (a, b, c) -> a & b;
      case "or" -> (a, b, c) -> a | b;
      case "xor" -> (a, b, c) -> a ^ b;
      case "exch" -> (a, b, c) -> b;
      case "cas" -> (a, b, c) -> a == b ? c : a;
      case "min" -> (a, b, c) -> less(a, b, w, signed) ? a : b;
      case "max" -> (a, b, c) -> less(a, b, w, signed) ? b : a;
      default -> null;
    };
  }

  private static boolean less(long a, long b, int width, boolean signed) {
    return signed ? Types.signed(a, width) < Types.signed(b, width) : Long.compareUnsigned(a, b) < 0;
  }
}
