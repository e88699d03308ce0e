package io.nlar.bench.report;

import io.nlar.bench.contest.Entrant;
import io.nlar.bench.contest.Kind;
import io.nlar.bench.contest.RaceSpec;
import io.nlar.bench.harness.Interval;
import io.nlar.bench.harness.Samples;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The figures of a race.
 *
 * @param spec what was run
 * @param results one for each entrant that took part, in the order of the race
 * @param skipped who did not take part
 */
public record RaceReport(RaceSpec spec, List<Result> results, List<Skipped> skipped) {
  public RaceReport {
    results = List.copyOf(results);
    skipped = List.copyOf(skipped);
  }

  /** Derives the figures from the samples of {@code entrants}. */
  static RaceReport of(RaceSpec spec, List<Entrant> entrants, List<Samples> samples, List<Skipped> skipped) {
    int roofline = first(entrants, Kind.ROOFLINE);
    Samples best = null;
    for (int i = 0; i < entrants.size(); i++) {
      if (entrants.get(i).kind() == Kind.STEP) {
        Samples candidate = samples.get(i);
        best = best == null || candidate.time().median() < best.time().median() ? candidate : best;
      }
    }
    List<Result> results = new ArrayList<>();
    for (int i = 0; i < entrants.size(); i++) {
      Entrant entrant = entrants.get(i);
      Samples own = samples.get(i);
      double bytes = entrant.trafficBytes(spec.workload());
      Interval share = null;
      if (roofline >= 0) {
        double allowed = entrants.get(roofline).trafficBytes(spec.workload());
        share = Interval.ofRatio(samples.get(roofline).nanos(), own.nanos()).times(bytes / allowed);
      }
      Interval ratio = entrant.kind() == Kind.STEP ? Interval.ofRatio(own.nanos(), best.nanos()) : null;
      Interval perParameter = own.time().times(1.0 / spec.workload().size());
      results.add(new Result(entrant.name(), entrant.kind(), bytes, own, perParameter,
          new Interval(bytes / perParameter.median(), bytes / perParameter.high(), bytes / perParameter.low()),
          share, ratio));
    }
    return new RaceReport(spec, results, skipped);
  }

  private static int first(List<Entrant> entrants, Kind kind) {
    for (int i = 0; i < entrants.size(); i++) {
      if (entrants.get(i).kind() == kind) {
        return i;
      }
    }
    return -1;
  }

  /** The fastest step; null where no step took part. */
  public Result best() {
    return results.stream()
        .filter(result -> result.kind() == Kind.STEP)
        .min(Comparator.comparingDouble(result -> result.nanosPerParameter().median()))
        .orElse(null);
  }
}
