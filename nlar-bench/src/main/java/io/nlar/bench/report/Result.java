package io.nlar.bench.report;

import io.nlar.bench.contest.Kind;
import io.nlar.bench.harness.Interval;
import java.util.List;

/**
 * What an entrant came to in a race.
 *
 * @param name its name
 * @param kind its part
 * @param bytesPerParameter bytes read and written for each parameter
 * @param nanosPerParameter nanoseconds a parameter
 * @param gigabytesPerSecond 10⁹ bytes read and written a second
 * @param shareOfRoofline bytes a second as a share of the roofline's in the same race; null where there is no roofline
 * @param ratioToBest time as a multiple of the best step's; null for what is no step
 * @param runsPerSample runs in each sample
 * @param nanosPerRun nanoseconds a run, round by round; null for a round in which it did not run
 */
public record Result(String name, Kind kind, double bytesPerParameter, Interval nanosPerParameter,
    Interval gigabytesPerSecond, Interval shareOfRoofline, Interval ratioToBest, long runsPerSample,
    List<Double> nanosPerRun) {

  /** Whether it moved bytes faster than the roofline in all of the interval: then the roofline is none for it. */
  boolean aboveRoofline() {
    return kind == Kind.STEP && shareOfRoofline != null && shareOfRoofline.low() > 1;
  }
}
