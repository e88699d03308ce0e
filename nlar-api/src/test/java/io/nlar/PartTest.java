package io.nlar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class PartTest {

  @Test
  void sharesCoverTheTensorAndAreAsEqualAsBlocksAllow() {
    for (long length : new long[] {0, 1, 1023, 1024, 1025, 10_000, 1 << 20, (1L << 33) + 12_345}) {
      long unit = length > 1L << 33 ? 65_536 : Part.UNIT;
      for (int workers = 1; workers <= 9; workers++) {
        assertEquals(0, Part.boundary(length, 0, workers));
        assertEquals(length, Part.boundary(length, workers, workers));
        long least = Long.MAX_VALUE;
        long most = 0;
        for (int worker = 0; worker < workers; worker++) {
          long from = Part.boundary(length, worker, workers);
          long own = Part.boundary(length, worker + 1, workers) - from;
          assertEquals(from, new Part(from, length).offset()); // where parts may begin
          least = Math.min(least, Math.ceilDiv(own, unit));
          most = Math.max(most, Math.ceilDiv(own, unit));
        }
        assertTrue(most - least <= 1, length + " elements, " + workers + " workers: " + least + " to " + most);
      }
    }
  }

  @Test
  void whatIsNoPartIsRefused() {
    refused(-1024, 4096, "-1024");
    refused(1, 4096, "multiples of 1024");
    refused(5120, 4096, "from 0 to 4096");
    refused(0, -1, "-1 elements");
    refused(1024, (1L << 33) + 1, "multiples of 65536");
    assertEquals(1000, new Part(1000, 1000).offset());
    assertThrows(ParameterException.class, () -> Part.boundary(10, 3, 2));
    assertThrows(ParameterException.class, () -> Part.boundary(10, 0, 0));
  }

  private static void refused(long offset, long length, String words) {
    String message = assertThrows(ParameterException.class, () -> new Part(offset, length)).getMessage();
    assertTrue(message.contains(words), message);
  }
}
