package io.nlar.bench.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class IntervalTest {

  /** Ranks from the binomial distribution: 6 → 1, 15 → 4, 31 → 10 (tables of the sign test). */
  @Test
  void endsAtTheRanksOfTheSignTest() {
    assertEquals(new Interval(3.5, 1, 6), ofFirst(6));
    assertEquals(new Interval(8, 4, 12), ofFirst(15));
    assertEquals(new Interval(16, 10, 22), ofFirst(31));
  }

  /** Where 2⁻ⁿ is no double any more: n/2 ± 1.96·√n/2 by the normal approximation. */
  @Test
  void ofThousandsOfValuesToo() {
    assertEquals(5000.0 / 2 - 1.96 * Math.sqrt(5000) / 2, ofFirst(5000).low(), 1);
    assertEquals(5000.0 / 2 + 1.96 * Math.sqrt(5000) / 2, ofFirst(5000).high(), 2);
  }

  private static Interval ofFirst(int n) {
    double[] values = IntStream.rangeClosed(1, n).mapToDouble(i -> n + 1 - i).toArray();
    return Interval.ofMedian(values);
  }

  @Test
  void coversTheMedianInAtLeast95PercentOfSamplesWhateverTheirDistribution() {
    double ln2 = Math.log(2);
    assertTrue(coverage(15, r -> -Math.log(r.nextDouble()), ln2) >= 0.945, "exponential");
    assertTrue(coverage(31, r -> r.nextDouble(), 0.5) >= 0.945, "uniform");
    // One value in ten is an outlier: a neighbour on the machine.
    assertTrue(coverage(31, r -> r.nextInt(10) == 0 ? 50 : r.nextDouble() + (r.nextBoolean() ? 0 : -1), 1.0 / 9)
        >= 0.945, "with outliers");
  }

  private static double coverage(int n, ToDoubleFunction<SplittableRandom> draw, double median) {
    SplittableRandom random = new SplittableRandom(n);
    int trials = 20_000;
    int covered = 0;
    for (int i = 0; i < trials; i++) {
      double[] values = new double[n];
      Arrays.setAll(values, j -> draw.applyAsDouble(random));
      Interval interval = Interval.ofMedian(values);
      covered += interval.low() <= median && median <= interval.high() ? 1 : 0;
    }
    return (double) covered / trials;
  }

  @Test
  void aRatioDoesNotSeeWhatDriftsFromTurnToTurn() {
    SplittableRandom random = new SplittableRandom(5);
    double[] a = new double[31];
    double[] b = new double[31];
    for (int i = 0; i < a.length; i++) {
      double drift = 1 + i * 0.1; // the last turn takes four times as long as the first
      a[i] = 1.20 * drift * (1 + 0.005 * random.nextDouble(-1, 1));
      b[i] = drift * (1 + 0.005 * random.nextDouble(-1, 1));
    }
    Interval ratio = new Samples("a", 1, a).ratioTo(new Samples("b", 1, b));
    assertEquals(1.20, ratio.median(), 0.01);
    assertTrue(ratio.relativeWidth() < 0.01, ratio.toString());
    assertTrue(Interval.ofMedian(a).relativeWidth() > 0.3, "the times themselves drift");
  }

  @Test
  void tooFewValuesHaveNoInterval() {
    assertTrue(assertThrows(IllegalArgumentException.class, () -> Interval.ofMedian(new double[5])).getMessage()
        .contains("6 values"));
    Samples six = new Samples("a", 1, new double[6]);
    assertThrows(IllegalArgumentException.class, () -> six.ratioTo(new Samples("b", 1, new double[7])));
  }
}
