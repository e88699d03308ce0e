package io.nlar.opencl;

/** Divides a row of pieces of work into consecutive shares of nearly the same cost. */
final class Shares {
  private Shares() {}

  /**
   * Writes where the shares begin, from {@code bounds[at]}: share i is the pieces from {@code bounds[at + i]} to before
   * {@code bounds[at + i + 1]}. A piece goes to the share that its middle falls into.
   *
   * @param costs what each piece costs, more than 0
   */
  static void divide(long[] costs, int shares, int[] bounds, int at) {
    double total = 0;
    for (long cost : costs) {
      total += cost;
    }
    double before = 0;
    int piece = 0;
    for (int share = 0; share < shares; share++) {
      bounds[at + share] = piece;
      while (piece < costs.length && before + costs[piece] / 2.0 < total * (share + 1) / shares) {
        before += costs[piece++];
      }
    }
    bounds[at + shares] = costs.length;
  }
}
