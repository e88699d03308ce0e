package io.nlar.spi;

/**
 * The bytes that a buffer takes, for finding overlaps.
 *
 * @param root identity of the allocation or address space: an array, a memory handle, or a constant for raw addresses
 * @param start first byte within it
 * @param bytes number of bytes
 */
public record Extent(Object root, long start, long bytes) {

  /** Whether both have a byte in common. */
  public boolean overlaps(Extent other) {
    return root == other.root && bytes > 0 && other.bytes > 0
        && start < other.start + other.bytes && other.start < start + bytes;
  }
}
