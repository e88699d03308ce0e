package io.nlar.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SizesTest {

  @Test
  void readsBinaryPrefixes() {
    assertEquals(65536, Sizes.parseCount("65536"));
    assertEquals(65536, Sizes.parseCount("64Ki"));
    assertEquals(65536, Sizes.parseCount("64k"));
    assertEquals(32L << 20, Sizes.parseCount("32 Mi"));
    assertEquals(3L << 30, Sizes.parseCount("3G"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Ki", "-1", "1.5Mi", "12x", "99999999999999999999", "9999999999Ti"})
  void refusesWhatIsNoSize(String text) {
    assertThrows(IllegalArgumentException.class, () -> Sizes.parseCount(text));
  }

  @Test
  void writesThem() {
    assertEquals("32 Mi", Sizes.count(32 << 20));
    assertEquals("1000", Sizes.count(1000));
    assertEquals("0", Sizes.count(0));
    assertEquals("1000 B", Sizes.bytes(1000));
    assertEquals("1.50 KiB", Sizes.bytes(1536));
    assertEquals("11.7 GiB", Sizes.bytes(12_562_000_000L));
  }
}
