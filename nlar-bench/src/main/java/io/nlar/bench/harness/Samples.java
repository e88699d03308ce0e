package io.nlar.bench.harness;

import java.util.Arrays;
import java.util.List;

/**
 * What a contestant took.
 *
 * @param name the contestant's name
 * @param repetitions runs in each sample
 * @param nanos nanoseconds a run, one number a round; {@link #SAT_OUT} for a round in which it did not run
 */
public record Samples(String name, long repetitions, double[] nanos) {
  /** Marks a round in which a contestant did not run. */
  static final double SAT_OUT = Double.NaN;

  /** The median time of a run in nanoseconds, with its interval. */
  public Interval time() {
    return Interval.ofMedian(values(nanos));
  }

  /**
   * This contestant's time as a multiple of another's: the median over the ratios within each round in which both ran,
   * which what drifts from round to round does not touch.
   */
  public Interval ratioTo(Samples other) {
    if (nanos.length != other.nanos.length) {
      throw new IllegalArgumentException(name + " has " + nanos.length + " rounds, " + other.name + " "
          + other.nanos.length + "; ratios are those of the same rounds of a race");
    }
    double[] ratios = new double[nanos.length];
    Arrays.setAll(ratios, round -> nanos[round] / other.nanos[round]);
    return Interval.ofMedian(values(ratios));
  }

  private static double[] values(double[] rounds) {
    return Arrays.stream(rounds).filter(value -> !Double.isNaN(value)).toArray();
  }

  /** Nanoseconds a run, round by round; null for a round in which it did not run. */
  public List<Double> rounds() {
    return Arrays.stream(nanos).mapToObj(value -> Double.isNaN(value) ? null : value).toList();
  }
}
