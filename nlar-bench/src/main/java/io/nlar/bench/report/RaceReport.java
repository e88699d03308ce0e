package io.nlar.bench.report;

import io.nlar.bench.contest.Entrant;
import io.nlar.bench.contest.Kind;
import io.nlar.bench.contest.RaceSpec;
import io.nlar.bench.harness.Interval;
import io.nlar.bench.harness.Outcome;
import io.nlar.bench.harness.Samples;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The figures of a race.
 *
 * @param spec what was run
 * @param results one for each entrant that came through, in the order of the race
 * @param skipped who did not take part
 * @param roofline the name of the fastest of the roofline's shapes, by which shares are measured; null where there is none
 * @param best the name of the fastest step that keeps a state (of the fastest at all where none does); null where no step
 *     took part
 * @param comparisons the pairs of the race
 * @param rounds turns that were timed
 * @param warmUpPasses how often each was warmed up
 * @param elapsed time for all of it, opening included
 */
public record RaceReport(RaceSpec spec, List<Result> results, List<Skipped> skipped, String roofline, String best,
    List<Comparison> comparisons, int rounds, int warmUpPasses, Duration elapsed) {
  public RaceReport {
    results = List.copyOf(results);
    skipped = List.copyOf(skipped);
    comparisons = List.copyOf(comparisons);
  }

  /** Derives the figures from what {@code entrants} took. */
  static RaceReport of(RaceSpec spec, Outcome outcome, List<Skipped> skipped, Duration elapsed) {
    Map<String, Samples> samples = new LinkedHashMap<>();
    outcome.samples().forEach(own -> samples.put(own.name(), own));
    List<Entrant> entrants = spec.entrants().stream().filter(e -> samples.containsKey(e.name())).toList();
    Map<String, Double> traffic = new HashMap<>();
    entrants.forEach(e -> traffic.put(e.name(), e.trafficBytes(e.workload(spec.workload()))));

    Samples roofline = fastest(entrants, samples, e -> e.kind() == Kind.ROOFLINE);
    Samples stateful = fastest(entrants, samples, e -> e.kind() == Kind.STEP && e.stateful());
    Samples best = stateful != null ? stateful : fastest(entrants, samples, e -> e.kind() == Kind.STEP);
    List<Result> results = new ArrayList<>();
    for (Entrant entrant : entrants) {
      Samples own = samples.get(entrant.name());
      double bytes = traffic.get(entrant.name());
      Interval share = roofline == null
          ? null
          : roofline.ratioTo(own).times(bytes / traffic.get(roofline.name()));
      Interval ratio = entrant.kind() == Kind.STEP ? own.ratioTo(best) : null;
      Interval perParameter = own.time().times(1.0 / spec.workload().size());
      results.add(new Result(entrant.name(), entrant.kind(), bytes, perParameter,
          new Interval(bytes / perParameter.median(), bytes / perParameter.high(), bytes / perParameter.low()),
          share, ratio, own.repetitions(), own.rounds()));
    }
    List<Comparison> comparisons = new ArrayList<>();
    for (RaceSpec.Pair pair : spec.pairs()) {
      if (samples.containsKey(pair.of()) && samples.containsKey(pair.to())) {
        Interval time = samples.get(pair.of()).ratioTo(samples.get(pair.to()));
        comparisons.add(new Comparison(
            pair.of(), pair.to(), time, time.times(traffic.get(pair.to()) / traffic.get(pair.of()))));
      }
    }
    return new RaceReport(spec, results, skipped, name(roofline), name(best), comparisons, outcome.rounds(),
        outcome.warmUpPasses(), elapsed);
  }

  private static Samples fastest(List<Entrant> entrants, Map<String, Samples> samples, Predicate<Entrant> who) {
    return entrants.stream().filter(who).map(entrant -> samples.get(entrant.name()))
        .min(Comparator.comparingDouble(own -> own.time().median())).orElse(null);
  }

  private static String name(Samples samples) {
    return samples == null ? null : samples.name();
  }

  /** The ratios that are printed, but 1 by definition. */
  List<Interval> ratios() {
    return Stream.concat(
        results.stream().flatMap(result -> Stream.of(
            Objects.equals(result.name(), roofline) ? null : result.shareOfRoofline(),
            Objects.equals(result.name(), best) ? null : result.ratioToBest())),
        comparisons.stream().map(Comparison::time)).filter(Objects::nonNull).toList();
  }

  /** How many of them have an interval wider than {@link Interval#PRECISE}. */
  int wideRatios() {
    return (int) ratios().stream().filter(Interval::wide).count();
  }
}
