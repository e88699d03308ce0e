package io.nlar.cuda.interpreter;

/** {@code ld}. */
final class Load extends Access {
  private final boolean signed;
  /** Whether it may read what a cache held when the kernel began. */
  private final boolean nonCoherent;
  private final int[] results;
  private final int resultWidth;

  /**
   * A load.
   *
   * @param signed whether a number narrower than its register fills it with its sign
   * @param results the registers that take the numbers, {@code resultWidth} bits wide
   */
  Load(Space space, Order order, boolean nonCoherent, int bytes, boolean signed, int[] results, int resultWidth,
      int base, long offset) {
    super(space, order, bytes, results.length, base, offset);
    this.signed = signed;
    this.nonCoherent = nonCoherent;
    this.results = results;
    this.resultWidth = resultWidth;
  }

  @Override
  void execute(Warp warp, int lanes) {
    RaceDetector detector = warp.block.launch.detector;
    if (detector != null || !atOnce(warp, lanes)) {
      eachLane(warp, lanes, detector);
    }
  }

  /** What all lanes read at one address is checked and read once; that is most of what they read. False where it is not so. */
  private boolean atOnce(Warp warp, int lanes) {
    if (space == Space.LOCAL || !sameAddress(warp, lanes)) {
      return false;
    }
    int first = Integer.numberOfTrailingZeros(lanes);
    long address = address(warp, first);
    Space in = spaceOf(address);
    if (in == Space.LOCAL) {
      return false;
    }
    long place = place(warp, first, in, address);
    byte[] memory = memory(warp, first, in);
    for (int i = 0; i < results.length; i++) {
      warp.set(results[i], lanes, bits(memory, place, i));
    }
    return true;
  }

  private long bits(byte[] memory, long place, int number) {
    long bits = Memory.get(memory, place + (long) number * bytes, bytes);
    return signed ? Types.low(Types.signed(bits, 8 * bytes), resultWidth) : bits;
  }

  private void eachLane(Warp warp, int lanes, RaceDetector detector) {
    long[] r = warp.registers;
    for (int rest = lanes; rest != 0; rest &= rest - 1) {
      int lane = Integer.numberOfTrailingZeros(rest);
      long address = address(warp, lane);
      Space in = spaceOf(address);
      long place = place(warp, lane, in, address);
      if (detector != null && (in == Space.GLOBAL || in == Space.SHARED)) {
        detector.read(warp.thread(lane), warp.block.shadow(in), place, bytes * count, order, nonCoherent, this);
      }
      byte[] memory = memory(warp, lane, in);
      for (int i = 0; i < results.length; i++) {
        r[results[i] + lane] = bits(memory, place, i);
      }
    }
  }
}
