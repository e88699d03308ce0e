package io.nlar.internal;

import io.nlar.BufferException;
import io.nlar.DType;

/** Checks of raw addresses. */
public final class Addresses {
  private Addresses() {}

  /**
   * Checks that elements at an address lie within an address space.
   *
   * @throws BufferException if they do not
   */
  public static void check(DType type, long length, long address) {
    if (address == 0 && length > 0) {
      throw new BufferException("cannot wrap " + length + " elements at address 0");
    }
    if (length > Long.MAX_VALUE / type.bytes()
        || Long.compareUnsigned(address + length * type.bytes(), address) < 0) {
      throw new BufferException("cannot wrap " + length + " " + type + " of " + type.bytes() + " bytes at address 0x"
          + Long.toHexString(address) + ": they reach beyond every address space");
    }
  }
}
