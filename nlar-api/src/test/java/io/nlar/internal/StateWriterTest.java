package io.nlar.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.StateFileException;
import org.junit.jupiter.api.Test;

class StateWriterTest {

  @Test
  void headersArePaddedWithSpaces() {
    assertArrayEquals("{\"a\":1} ".getBytes(), StateWriter.padded("{\"a\":1}".getBytes()));
    assertEquals(8, StateWriter.padded(new byte[8]).length);
  }

  /** Such a file could not be read back. */
  @Test
  void headersLongerThanTheFormatAllowsAreNotWritten() {
    byte[] json = new byte[(int) StateFormat.LARGEST_HEADER + 1];
    String message = assertThrows(StateFileException.class, () -> StateWriter.padded(json)).getMessage();
    assertTrue(message.contains("100000008") && message.contains("100000000"), message);
  }
}
