package io.nlar.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;

/** Random bits and conversions of docs/numerics.md, "Low precision", against its test vectors and exhaustively. */
class ReferenceRoundingTest {
  /** Of no bytes FNV-1a is its offset basis: the seed takes it out again. */
  private static final long EMPTY = 0xCBF29CE484222325L;

  private static void assertBits(long key, long t, long i, int r, int weight, int velocity, int theta) {
    int bits = new ReferenceRounding(key ^ EMPTY, "", t).bits(i);
    assertEquals(r, bits);
    assertEquals(weight, bits * 0x134D & 0xFFFF);
    assertEquals(velocity, bits * 0x8529 & 0xFFFF);
    assertEquals(theta, bits * 0x1855 & 0xFFFF);
  }

  @Test
  void randomBits() {
    assertEquals(0x2FF145472E2746D6L, ReferenceRounding.stepKey(0, 1, 0));
    assertEquals(0x7B575A03C5870447L, ReferenceRounding.stepKey(0, 1, (1L << 33) + 5 >>> 1));
    assertEquals(0x66DF20C2998B59C7L, ReferenceRounding.stepKey(0x0123456789ABCDEFL, 2, 500));
    assertBits(0, 1, 0, 0x31D8, 0x05F8, 0x3398, 0xCCB8);
    assertBits(0, 1, 1, 0x634C, 0x81DC, 0x632C, 0x183C);
    assertBits(0, 1, 2, 0x96DA, 0x8D92, 0x6AEA, 0x8662);
    assertBits(0, 1, (1L << 33) + 5, 0x0C61, 0xEC2D, 0x6089, 0x3435);
    assertBits(0x0123456789ABCDEFL, 2, 1000, 0xCB79, 0x2E65, 0x7361, 0xE72D);
  }

  /** Signs, every exponent, and fractions at which a rounding to 7 or 10 bits turns. */
  private static void forEachEdge(IntConsumer action) {
    int[] fractions = {0, 1, 0x0FFF, 0x1000, 0x1001, 0x1FFF, 0x2000, 0x2FFF, 0x3000, 0x3001, 0x7FFF, 0x8000, 0x8001, 0xFFFF,
        0x10000, 0x17FFF, 0x18000, 0x18001, 0x3FFFFF, 0x400000, 0x7EFFFF, 0x7F0000, 0x7F7FFF, 0x7F8000, 0x7FEFFF, 0x7FF000,
        0x7FFFFF};
    for (int sign = 0; sign < 2; sign++) {
      for (int exponent = 0; exponent < 256; exponent++) {
        for (int fraction : fractions) {
          action.accept(sign << 31 | exponent << 23 | fraction);
        }
      }
    }
  }

  @Test
  void stochasticRoundingKeepsWhatIsFiniteFinite() {
    forEachEdge(b -> {
      float x = Float.intBitsToFloat(b);
      for (int r : new int[] {0, 1, 0x7FFF, 0x8000, 0xFFFE, 0xFFFF}) {
        double rounded = ReferenceStorage.stochastic(x, r);
        assertEquals(Float.isFinite(x), Double.isFinite(rounded));
        assertEquals(Float.isNaN(x), Double.isNaN(rounded));
        boolean up = Float.isFinite(x) && (b & 0xFFFF) > r && (b & Integer.MAX_VALUE) < 0x7F7F0000;
        if (!Float.isNaN(x)) {
          assertEquals(Float.intBitsToFloat((b & 0xFFFF0000) + (up ? 0x10000 : 0)), (float) rounded);
        }
      }
    });
  }

  @Test
  void whatIsSplitIsJoinedAgain() {
    forEachEdge(b -> {
      float x = Float.intBitsToFloat(b);
      if (!Float.isNaN(x)) {
        int lo = b & 0xFFFF;
        boolean up = (b & Integer.MAX_VALUE) < 0x7F800000 && lo >= 0x8000;
        int hi = (b >>> 16) + (up ? 1 : 0);
        assertEquals(b, Float.floatToRawIntBits((float) ReferenceStorage.join(hi, lo)), () -> Integer.toHexString(b));
      }
    });
    // A zero that was written from outside stays one, whatever is behind it.
    assertEquals(0x80000000, Float.floatToRawIntBits((float) ReferenceStorage.join(0x8000, 0xFFFF)));
    assertEquals(0, Float.floatToRawIntBits((float) ReferenceStorage.join(0, 0x8000)));
  }

  @Test
  void narrowIsToNearestEven() {
    forEachEdge(b -> {
      float x = Float.intBitsToFloat(b);
      if (!Float.isNaN(x)) {
        assertEquals(Float.floatToFloat16(x), (short) ReferenceStorage.narrow(x), () -> Integer.toHexString(b));
      }
    });
  }

  @Test
  void typesRoundToNearestEvenAndHoldAllTheirNumbers() {
    for (DType type : List.of(DType.BFLOAT16, DType.FLOAT16)) {
      MemorySegment one = MemorySegment.ofArray(new short[1]);
      for (int pattern = 0; pattern < 0x10000; pattern++) {
        one.set(ValueLayout.JAVA_SHORT, 0, (short) pattern);
        double x = type.get(one, 0);
        assertTrue(BitComparison.same(x, type.round(x)));
        type.set(one, 0, x);
        assertTrue(BitComparison.same(x, type.get(one, 0)), type + " " + Integer.toHexString(pattern));
        if (pattern < 0x8000 && x < type.largest()) {
          one.set(ValueLayout.JAVA_SHORT, 0, (short) (pattern + 1));
          double next = type.get(one, 0);
          double middle = (x + next) / 2;
          assertEquals(pattern % 2 == 0 ? x : next, type.round(middle));
          assertEquals(x, type.round(Math.nextDown(middle)));
          assertEquals(next, type.round(Math.nextUp(middle)));
        }
      }
    }
    assertEquals(Double.POSITIVE_INFINITY, DType.FLOAT16.round(65520));
    assertEquals(65504, DType.FLOAT16.round(Math.nextDown(65520.0)));
  }
}
