package io.nlar.opencl;

/** Divides a row of pieces of work into consecutive shares of nearly the same cost. */
final class Shares {
  private Shares() {}

  /**
   * Where the shares begin: share i is the pieces from number i of the result to before number i + 1. A piece goes to the
   * share that its middle falls into.
   *
   * @param costs what each piece costs, more than 0
   */
  static int[] divide(long[] costs, int shares) {
    int[] bounds = new int[shares + 1];
    double total = 0;
    for (long cost : costs) {
      total += cost;
    }
    double before = 0;
    int piece = 0;
    for (int share = 0; share < shares; share++) {
      bounds[share] = piece;
      while (piece < costs.length && before + costs[piece] / 2.0 < total * (share + 1) / shares) {
        before += costs[piece++];
      }
    }
    bounds[shares] = costs.length;
    return bounds;
  }
}
