package io.nlar.experiments;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/** What a campaign has found so far, by optimizer (in a sweep: optimizer and value) and initial rate. */
final class Results {
  private final List<String> series;
  private final List<Double> rates;
  private final int epochs;
  private final Measure measure;
  private final double target;
  private final Map<String, Map<Double, Map<Long, NavigableMap<Integer, EpochRecord>>>> runs = new LinkedHashMap<>();

  /** Sorts records of an experiment that has no target. */
  Results(List<String> series, List<Double> rates, int epochs, Measure measure, List<EpochRecord> records) {
    this(series, rates, epochs, measure, Double.NaN, records);
  }

  /**
   * Sorts records.
   *
   * @param series names of the series in the order of the columns, as {@link #seriesOf} makes them
   * @param rates initial rates in the order of the rows
   * @param epochs of a whole run
   * @param measure what the records' scores are
   * @param target the score to which the time is told; NaN for none
   */
  Results(List<String> series, List<Double> rates, int epochs, Measure measure, double target, List<EpochRecord> records) {
    this.series = series;
    this.rates = rates;
    this.epochs = epochs;
    this.measure = measure;
    this.target = target;
    for (EpochRecord record : records) {
      runs.computeIfAbsent(seriesOf(record.run()), s -> new LinkedHashMap<>())
          .computeIfAbsent(record.run().rate(), r -> new LinkedHashMap<>())
          .computeIfAbsent(record.run().seed(), s -> new TreeMap<>()).put(record.epoch(), record);
    }
  }

  /** The series to which a run belongs. */
  static String seriesOf(RunKey run) {
    return run.value().isEmpty() ? run.optimizer() : run.optimizer() + " " + run.value();
  }

  List<String> series() {
    return series;
  }

  List<Double> rates() {
    return rates;
  }

  int epochs() {
    return epochs;
  }

  /** Whether something varies beside optimizer and rate, so that a series is an optimizer with a value. */
  boolean varies() {
    return runs.values().stream().flatMap(byRate -> byRate.values().stream()).flatMap(bySeed -> bySeed.values().stream())
        .flatMap(run -> run.values().stream()).anyMatch(record -> !record.run().value().isEmpty());
  }

  /** The epochs that tables and pictures tell of: the first, where that says something, and the last. */
  List<Integer> toldEpochs() {
    return epochs > 1 && measure.tellsAtOnce() ? List.of(1, epochs) : List.of(epochs);
  }

  /** The runs of all seeds, each by its epochs. */
  private List<NavigableMap<Integer, EpochRecord>> seeds(String name, double rate) {
    return List.copyOf(runs.getOrDefault(name, Map.of()).getOrDefault(rate, Map.of()).values());
  }

  Measure measure() {
    return measure;
  }

  /** Scores in the tests after an epoch, over the seeds that came so far, or diverged or solved their task before. */
  Cell score(String name, double rate, int epoch) {
    List<Double> values = new ArrayList<>();
    for (NavigableMap<Integer, EpochRecord> run : seeds(name, rate)) {
      EpochRecord record = run.get(epoch);
      EpochRecord last = run.lastEntry().getValue();
      if (record != null) {
        values.add(score(run, epoch, measure));
      } else if (last.epoch() < epoch && ended(run)) {
        values.add(score(run, last.epoch(), measure));
      }
    }
    return Cell.of(values, measure);
  }

  /** Mean over the measure's window up to an epoch; NaN where the run diverged in it. */
  private static double score(NavigableMap<Integer, EpochRecord> run, int epoch, Measure measure) {
    return run.subMap(epoch - measure.window(), false, epoch, true).values().stream()
        .mapToDouble(record -> record.diverged() ? Double.NaN : record.testScore()).average().orElse(Double.NaN);
  }

  /** Whether a run has solved its task, which is its end. */
  static boolean solved(NavigableMap<Integer, EpochRecord> run, Measure measure) {
    return measure.hasGoal() && measure.solved(score(run, run.lastKey(), measure), run.lastKey());
  }

  /** The score to which the time is told; NaN for none. */
  double target() {
    return target;
  }

  /** In which epoch each seed reached the target for the first time, of those that came to their end and did. */
  List<Integer> reachedIn(String name, double rate) {
    return seeds(name, rate).stream().filter(this::ended)
        .map(run -> run.values().stream().filter(record -> !record.diverged() && measure.gain(target, record.testScore()) >= 0)
            .mapToInt(EpochRecord::epoch).findFirst())
        .filter(OptionalInt::isPresent).map(OptionalInt::getAsInt).toList();
  }

  private boolean ended(NavigableMap<Integer, EpochRecord> run) {
    return run.lastKey() >= epochs || run.lastEntry().getValue().diverged() || solved(run, measure);
  }

  /** In which epoch each seed solved its task, of those that did. */
  List<Integer> solvedIn(String name, double rate) {
    return seeds(name, rate).stream().filter(run -> solved(run, measure)).map(NavigableMap::lastKey).toList();
  }

  /** Mean over the seeds of a quantity after an epoch; NaN where no run came so far, or one of them diverged. */
  double mean(String name, double rate, int epoch, ToDoubleFunction<EpochRecord> quantity) {
    if (score(name, rate, epoch).diverged() > 0) {
      return Double.NaN;
    }
    return seeds(name, rate).stream().map(run -> run.get(epoch)).filter(Objects::nonNull).mapToDouble(quantity)
        .average().orElse(Double.NaN);
  }

  /** Mean wall time of an epoch's forward and backward passes, or steps, over all runs of a series. */
  double seconds(String name, ToDoubleFunction<EpochRecord> quantity) {
    return runs.getOrDefault(name, Map.of()).values().stream().flatMap(bySeed -> bySeed.values().stream())
        .flatMap(run -> run.values().stream()).filter(record -> !record.diverged())
        .mapToDouble(quantity).average().orElse(Double.NaN);
  }
}
