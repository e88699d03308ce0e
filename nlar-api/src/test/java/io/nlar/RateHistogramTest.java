package io.nlar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RateHistogramTest {

  @Test
  void quantilesAreWithinABinOfTheSortedRates() {
    Random random = new Random(7);
    double[] rates = random.doubles(10_001, -8, 2).map(e -> Math.pow(10, e)).toArray();
    RateHistogram histogram = new RateHistogram();
    Arrays.stream(rates).forEach(rate -> histogram.add(rate, 1));
    Arrays.sort(rates);
    for (double q : new double[] {0, 0.25, 0.5, 0.75, 0.999}) {
      double exact = rates[(int) (q * rates.length)];
      assertTrue(Math.abs(histogram.quantile(q) / exact - 1) < 0.06 + 1e-9, "quantile " + q);
    }
    assertEquals(rates.length, histogram.count());
  }

  @Test
  void negativeZeroAndNanRatesAreKeptApart() {
    RateHistogram histogram = new RateHistogram();
    histogram.add(-0.5, 2);
    histogram.add(-1e-50, 1);
    histogram.add(0, 3);
    histogram.add(Double.NaN, 4);
    histogram.add(Double.POSITIVE_INFINITY, 1);
    assertEquals(7, histogram.count());
    assertEquals(3, histogram.negativeCount());
    assertEquals(4, histogram.nanCount());
    assertEquals(-0.5, histogram.quantile(0), 0.03);
    assertEquals(0, histogram.quantile(0.5));
    assertTrue(histogram.quantile(1) > 1e9);
    assertTrue(Double.isNaN(new RateHistogram().quantile(0.5)));
    for (double q : new double[] {-0.1, 1.1, Double.NaN}) {
      assertThrows(SettingException.class, () -> histogram.quantile(q));
    }
  }
}
