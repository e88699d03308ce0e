package io.nlar.cuda;

import io.nlar.Step;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The ring in which the device notes the steps that it refused, in memory that the host sees. */
final class Refusals {
  static final Struct REFUSAL = new Struct("Refusal");
  private static final Struct.Field TICKET = REFUSAL.wide("ticket");
  private static final Struct.Field OFFENDER = REFUSAL.wide("offender");
  private static final int ENTRY_BYTES = REFUSAL.bytes();

  private final Driver driver;
  private final MemorySegment ring;

  Refusals(Driver driver) {
    this.driver = driver;
    this.ring = driver.allocateShared((long) Step.REMEMBERED_TICKETS * ENTRY_BYTES);
  }

  long address() {
    return ring.address();
  }

  /** The first offending tensor of a step that is done; −1 if it was not refused. */
  int offender(long ticket) {
    long at = ticket % Step.REMEMBERED_TICKETS * ENTRY_BYTES;
    return ring.get(ValueLayout.JAVA_LONG_UNALIGNED, at + TICKET.offset()) == ticket
        ? (int) ring.get(ValueLayout.JAVA_LONG_UNALIGNED, at + OFFENDER.offset())
        : -1;
  }

  void close() {
    driver.freeShared(ring);
  }
}
