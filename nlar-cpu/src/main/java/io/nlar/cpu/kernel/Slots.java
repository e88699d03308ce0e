package io.nlar.cpu.kernel;

/** Where the state of a run of elements lies. */
final class Slots {
  private Slots() {}

  /** The address of a rule's slot from byte {@code offset} on; 0 where the variant keeps no such slot. */
  static long address(long[] slots, int slot, long offset) {
    return slot < slots.length ? slots[slot] + offset : 0;
  }
}
