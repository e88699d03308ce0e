package io.nlar.cuda.interpreter;

/** {@code st}. */
final class Store extends Access {
  private final int[] values;

  /** @param values the registers whose low bits are written */
  Store(Space space, Order order, int bytes, int[] values, int base, long offset) {
    super(space, order, bytes, values.length, base, offset);
    this.values = values;
  }

  @Override
  void execute(Warp warp, int lanes) {
    long[] r = warp.registers;
    RaceDetector detector = warp.block.launch.detector;
    for (int rest = lanes; rest != 0; rest &= rest - 1) {
      int lane = Integer.numberOfTrailingZeros(rest);
      long address = address(warp, lane);
      Space in = spaceOf(address);
      if (in == Space.PARAM) {
        throw failure(warp, lane, "writes a parameter");
      }
      long place = place(warp, lane, in, address);
      if (detector != null && in != Space.LOCAL) {
        detector.write(warp.thread(lane), warp.block.shadow(in), place, bytes * count, order, this);
      }
      byte[] memory = memory(warp, lane, in);
      for (int i = 0; i < values.length; i++) {
        Memory.set(memory, place + (long) i * bytes, bytes, r[values[i] + lane]);
      }
    }
  }
}
