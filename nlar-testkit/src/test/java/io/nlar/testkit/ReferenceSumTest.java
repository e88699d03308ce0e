package io.nlar.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The fixed shape of the sum, on numbers worked out by hand. */
class ReferenceSumTest {
  private static final double BIG = 0x1p53;

  @Test
  void nothingSumsToPositiveZero() {
    assertEquals(0.0, ReferenceSum.of(new double[0]));
    assertEquals(0.0, ReferenceSum.ofSquares(new double[] {-0.0}));
  }

  /** Beside 2^53 a one is lost, a two is not: each round of lane additions doubles what is added to lane 0. */
  @Test
  void lanesAreAddedInPairs() {
    double[] ones = new double[32];
    Arrays.fill(ones, 1);
    ones[0] = BIG;
    // 1 (lost) + 2 + 4 + 8 + 16, where one after the other would lose all.
    assertEquals(BIG + 30, ReferenceSum.of(ones));
  }

  /** A lane adds its rows one after the other, so every one beside 2^53 is lost; other lanes keep theirs. */
  @Test
  void aLaneAddsItsRowsFromFirstToLast() {
    double[] block = new double[1024];
    for (int row = 1; row < 32; row++) {
      block[row * 32] = 1;
    }
    block[0] = BIG;
    assertEquals(BIG, ReferenceSum.of(block));
    block[0] = 0;
    block[31 * 32] = BIG;
    // 30 ones first, then 2^53.
    assertEquals(BIG + 30, ReferenceSum.of(block));
  }

  /** The second block's sum is lane 1 of the next level. */
  @Test
  void blockSumsAreTheNextLevel() {
    double[] numbers = new double[3 * 1024];
    numbers[0] = BIG;
    Arrays.fill(numbers, 1024, 1026, 1);
    numbers[2048] = 1;
    numbers[2049] = 1;
    // Lanes 0 to 2 hold 2^53, 2 and 2; lane 2 meets lane 0 first, lane 1 last.
    assertEquals(BIG + 4, ReferenceSum.of(numbers));
    numbers[1025] = 0;
    // Now 2 arrives, then a one, which is lost: 2^53 + 2 + 1 is a tie that goes to the even neighbour, up.
    assertEquals(BIG + 4, ReferenceSum.of(numbers));
    numbers[2049] = 0;
    // 2^53 + 1 is lost, and so is the other one.
    assertEquals(BIG, ReferenceSum.of(numbers));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 31, 33, 1023, 1025, 70_000, 1_100_000})
  void itIsCloseToTheExactSum(int length) {
    SplittableRandom random = new SplittableRandom(length);
    double[] numbers = random.doubles(length).toArray();
    BigDecimal exact = BigDecimal.ZERO;
    for (double number : numbers) {
      exact = exact.add(new BigDecimal(number).pow(2));
    }
    double expected = exact.doubleValue();
    assertEquals(expected, ReferenceSum.ofSquares(numbers), expected * 1e-14);
  }
}
