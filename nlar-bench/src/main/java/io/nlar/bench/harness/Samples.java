package io.nlar.bench.harness;

/**
 * What a contestant took.
 *
 * @param name the contestant's name
 * @param repetitions runs in each sample
 * @param nanos nanoseconds a run, one number a round
 */
public record Samples(String name, long repetitions, double[] nanos) {

  /** The median time of a run in nanoseconds, with its interval. */
  public Interval time() {
    return Interval.ofMedian(nanos);
  }
}
