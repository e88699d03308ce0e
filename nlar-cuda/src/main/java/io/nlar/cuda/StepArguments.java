package io.nlar.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** The one argument of every kernel, in native memory (kernels/layout.cuh). */
final class StepArguments {
  static final int SCALARS_GIVEN = 1;
  static final int FINISHES = 2;
  static final int REDUCED = 4;
  static final int REFUSES = 8;

  /** Bytes of the argument. */
  static final int BYTES = 112;
  private static final long FLAGS = 104;

  private final MemorySegment memory;

  StepArguments(Arena arena, WorkArea area, long base, long refusals, int tensors) {
    memory = arena.allocate(BYTES, Long.BYTES);
    Table.setLong(memory, 0, base + area.tensors());
    Table.setLong(memory, 16, base + area.groups());
    Table.setLong(memory, 24, base + area.nodes());
    Table.setLong(memory, 32, base + area.arrivals() + Integer.BYTES);
    Table.setLong(memory, 40, base + area.sums());
    Table.setLong(memory, 48, base + area.control());
    Table.setLong(memory, 56, base + area.arrivals());
    Table.setLong(memory, 64, refusals);
    Table.setInt(memory, 100, tensors);
  }

  MemorySegment memory() {
    return memory;
  }

  /** The chunks of a launch, each of which is shared by 2^{@code splitting} thread blocks. */
  void chunks(long address, int count, int splitting) {
    Table.setLong(memory, 8, address);
    Table.setInt(memory, 96, count);
    Table.setInt(memory, 108, splitting);
  }

  void scalars(double gradientScale, double rateFactor) {
    Table.setDouble(memory, 72, gradientScale);
    Table.setDouble(memory, 80, rateFactor);
  }

  void ticket(long ticket) {
    Table.setLong(memory, 88, ticket);
  }

  void flags(int flags) {
    Table.setInt(memory, FLAGS, flags);
  }
}
