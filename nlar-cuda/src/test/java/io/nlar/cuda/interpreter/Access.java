package io.nlar.cuda.interpreter;

import java.util.Locale;

/** An instruction that reads or writes memory: {@code count} numbers of {@code bytes} bytes side by side. */
abstract class Access extends Instruction {
  final Space space;
  final Order order;
  final int bytes;
  final int count;
  private final int base;
  private final long offset;

  /**
   * An access.
   *
   * @param base the register of the address
   * @param offset what is added to it
   */
  Access(Space space, Order order, int bytes, int count, int base, long offset) {
    this.space = space;
    this.order = order;
    this.bytes = bytes;
    this.count = count;
    this.base = base;
    this.offset = offset;
  }

  /** The address in the instruction's own space, checked for its alignment. */
  final long address(Warp warp, int lane) {
    long address = warp.registers[base + lane] + offset;
    int size = bytes * count;
    if ((address & size - 1) != 0) {
      throw failure(warp, lane, "accesses 0x" + Long.toHexString(address) + ", which is no multiple of " + size);
    }
    return address;
  }

  /** Whether all of these lanes access the same address. */
  final boolean sameAddress(Warp warp, int lanes) {
    long[] r = warp.registers;
    long first = r[base + Integer.numberOfTrailingZeros(lanes)];
    if (lanes == -1) {
      long others = 0;
      for (int lane = 0; lane < LANES; lane++) {
        others |= r[base + lane] ^ first;
      }
      return others == 0;
    }
    for (int rest = lanes; rest != 0; rest &= rest - 1) {
      if (r[base + Integer.numberOfTrailingZeros(rest)] != first) {
        return false;
      }
    }
    return true;
  }

  /** Where an address lies, which must be in one piece of memory. */
  final Space spaceOf(long address) {
    return space == Space.GENERIC ? Space.of(address) : space;
  }

  /** The memory that an access in a space reads or writes; null for the device's. */
  final byte[] memory(Warp warp, int lane, Space in) {
    return switch (in) {
      case SHARED -> warp.block.shared;
      case LOCAL -> warp.local(lane);
      case PARAM -> warp.block.launch.arguments;
      default -> null;
    };
  }

  /** Where in {@link #memory} an access begins; refuses what leaves it. */
  final long place(Warp warp, int lane, Space in, long address) {
    int size = bytes * count;
    if (in == Space.GLOBAL) {
      if (warp.block.launch.memory.find(address, size) == null) {
        throw failure(warp, lane, "accesses " + size + " bytes at 0x" + Long.toHexString(address)
            + ", which are not in one allocation of " + warp.block.launch.memory);
      }
      return address;
    }
    long place = (space == Space.GENERIC ? in.local(address) : address) - Space.BASE;
    long limit = memory(warp, lane, in).length;
    if (place < 0 || place > limit - size || in == Space.SHARED && !warp.block.launch.kernel.isShared(place, size)) {
      throw failure(warp, lane, "accesses " + size + " bytes at " + place + " of " + limit + " bytes of "
          + in.name().toLowerCase(Locale.ROOT) + " memory, not in one variable of it");
    }
    return place;
  }
}
