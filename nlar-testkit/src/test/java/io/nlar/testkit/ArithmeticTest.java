package io.nlar.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Each operation is the exact result rounded once, over the whole range of binary32, subnormals included. */
class ArithmeticTest {
  private static final Arithmetic SINGLE = Arithmetic.BINARY32;

  @Test
  void singleOperationsAreRoundedOnce() {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 200_000; i++) {
      float a = Float.intBitsToFloat(random.nextInt());
      float b = Float.intBitsToFloat(random.nextInt());
      if (Float.isFinite(a) && Float.isFinite(b)) {
        // BigDecimal.floatValue rounds to nearest even; sums and products are exact, quotients good to 250 digits.
        check(new BigDecimal(a).add(new BigDecimal(b)), SINGLE.add(a, b));
        check(new BigDecimal(a).subtract(new BigDecimal(b)), SINGLE.sub(a, b));
        check(new BigDecimal(a).multiply(new BigDecimal(b)), SINGLE.mul(a, b));
        if (b != 0) {
          check(new BigDecimal(a).divide(new BigDecimal(b), new MathContext(250)), SINGLE.div(a, b));
        }
      }
    }
  }

  private static void check(BigDecimal exact, double actual) {
    // A BigDecimal has no negative zero.
    assertEquals(exact.floatValue() + 0.0, actual + 0.0);
  }
}
