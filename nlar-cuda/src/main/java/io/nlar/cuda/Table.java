package io.nlar.cuda;

/** How tables lie in device memory. */
final class Table {
  private Table() {}

  /** {@code offset} rounded up to the alignment of device memory. */
  static long aligned(long offset) {
    return (offset + 255) & -256;
  }
}
