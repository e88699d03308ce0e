package io.nlar.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.nlar.spi.Exponential;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The exponential function of docs/numerics.md, in the library and in the reference. */
class ExponentialTest {

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      0.0 | 3ff0000000000000
      1.0 | 4005bf0a8b14576a
      -1.0 | 3fd78b56362cef38
      1.3862943611198906 | 4010000000000000
      -13.815510557964274 | 3eb0c6f7a0b5ed8f
      -0.34657359027997264 | 3fe6a09e667f3bcc
      -707.5 | 00239b42358bdf31
      690.0 | 7e26009282aba144
      -708.0 | 0
      -Infinity | 0
      NaN | 0
      """)
  void hasTheBitsOfItsTestVectors(double x, String bits) {
    long expected = Long.parseUnsignedLong(bits, 16);
    assertEquals(expected, Double.doubleToRawLongBits(Exponential.of(x)));
    assertEquals(expected, Double.doubleToRawLongBits(ReferenceExponential.of(x)));
  }

  @Test
  void libraryAndReferenceAgreeAndAreNearlyExact() {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 200_000; i++) {
      double x = random.nextDouble() * (i % 2 == 0 ? 1400 : 20) - (i % 2 == 0 ? 708 : 10);
      double value = Exponential.of(x);
      assertEquals(Double.doubleToRawLongBits(ReferenceExponential.of(x)), Double.doubleToRawLongBits(value), () -> "" + x);
      assertEquals(1, value / StrictMath.exp(x), 1e-15, () -> "" + x);
    }
  }
}
