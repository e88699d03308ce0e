package io.nlar.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * A binary32 quotient computed in binary64 and rounded has the bits of the correctly rounded one, which Java's division
 * gives. precision.cl proves it; this looks for a counterexample where one would be: at results around and below the
 * smallest normal number, half-way between their neighbours as nearly as quotients come.
 */
class QuotientTest {
  private static void check(float a, float b) {
    assertEquals(Float.floatToIntBits(a / b), Float.floatToIntBits((float) ((double) a / (double) b)),
        () -> Float.toHexString(a) + " / " + Float.toHexString(b));
  }

  @Test
  void anyNumbers() {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 5_000_000; i++) {
      check(Float.intBitsToFloat(random.nextInt()), Float.intBitsToFloat(random.nextInt()));
    }
  }

  @Test
  void subnormalQuotientsNearMidpoints() {
    SplittableRandom random = new SplittableRandom(2);
    for (int i = 0; i < 5_000_000; i++) {
      // The midpoint M * 2^-150, M odd, times b, and the float neighbours of the product.
      int bits = 1 + random.nextInt(24);
      double midpoint = (random.nextInt(1 << bits) | 1) * 0x1p-150;
      float b = Float.intBitsToFloat(random.nextInt(0x7f800000));
      float a = (float) (midpoint * b);
      for (float near : new float[] {Math.nextDown(a), a, Math.nextUp(a)}) {
        check(near, b);
        check(-near, b);
      }
    }
  }

  @Test
  void quotientsOfSubnormals() {
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < 5_000_000; i++) {
      float a = Float.intBitsToFloat(random.nextInt(1 << (1 + random.nextInt(24))));
      float b = Float.intBitsToFloat(random.nextInt(1 << (1 + random.nextInt(30))));
      check(a, b);
      check(b, a);
    }
  }
}
