package io.nlar.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.nlar.DType;
import io.nlar.Noise;
import io.nlar.Noise.Distribution;
import io.nlar.spi.Philox;
import io.nlar.spi.TensorPlan;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The reference's noise against published vectors, and the library's noise against the reference's. */
class ReferenceNoiseTest {

  /** The vectors for philox4x32 with 10 rounds that the authors publish with Random123. */
  @Test
  void philoxGivesThePublishedVectors() {
    long all = 0xFFFFFFFFL;
    assertArrayEquals(new long[] {0x6627E8D5L, 0xE169C58DL, 0xBC57AC4CL, 0x9B00DBD8L},
        ReferenceNoise.philox(new long[] {0, 0, 0, 0}, 0, 0));
    assertArrayEquals(new long[] {0x408F276DL, 0x41C83B0EL, 0xA20BC7C6L, 0x6D5451FDL},
        ReferenceNoise.philox(new long[] {all, all, all, all}, all, all));
    assertArrayEquals(new long[] {0xD16CFE09L, 0x94FDCCEBL, 0x5001E420L, 0x24126EA1L},
        ReferenceNoise.philox(
            new long[] {0x243F6A88L, 0x85A308D3L, 0x13198A2EL, 0x03707344L}, 0xA4093822L, 0x299F31D0L));
  }

  @ParameterizedTest
  @CsvSource({"'',cbf29ce484222325", "a,af63dc4c8601ec8c", "foobar,85944171f73967e8"})
  void namesAreHashedByFnv1a(String name, String hash) {
    assertEquals(Long.parseUnsignedLong(hash, 16), ReferenceNoise.fnv1a64(name));
    assertEquals(ReferenceNoise.fnv1a64(name), new TensorPlan(0, name, 0, 1).nameHash());
  }

  @ParameterizedTest
  @ValueSource(strings = {"weights", "Schicht/größe", "層", ""})
  void theLibraryHashesNamesAlike(String name) {
    assertEquals(ReferenceNoise.fnv1a64(name), new TensorPlan(0, name, 0, 1).nameHash());
  }

  @ParameterizedTest
  @EnumSource
  void theLibraryDrawsTheSameNoise(Distribution distribution) {
    long seed = 0x123456789ABCDEFL;
    ReferenceNoise noise = new ReferenceNoise(new Noise.Fresh(seed, distribution), "w");
    long key = seed ^ new TensorPlan(0, "w", 0, 1).nameHash();
    for (DType type : DType.arithmetics()) {
      for (long t : new long[] {0, 1, 2, 0xFFFFFFFFL, 0x100000000L, 0x123456789AL}) {
        for (long from : new long[] {0, 1, 6, 0x3FFFFFFFFL, 0x400000001L, 1L << 40}) {
          double[] drawn = new double[23];
          drawn[21] = 7;
          Philox.draw(distribution, key, t, from, type, drawn, 21);
          for (int i = 0; i < 21; i++) {
            assertEquals(noise.epsilon(from + i, t, Arithmetic.of(type)), drawn[i]);
          }
          assertEquals(7, drawn[21], "beyond what was asked for");
        }
      }
    }
  }
}
