package io.nlar.experiments;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/** What a campaign has found so far, by optimizer (in a sweep: optimizer and value) and initial rate. */
final class Results {
  private final List<String> series;
  private final List<Double> rates;
  private final int epochs;
  private final Map<String, Map<Double, Map<Long, NavigableMap<Integer, EpochRecord>>>> runs = new LinkedHashMap<>();

  /**
   * Sorts records.
   *
   * @param series names of the series in the order of the columns, as {@link #seriesOf} makes them
   * @param rates initial rates in the order of the rows
   * @param epochs of a whole run
   */
  Results(List<String> series, List<Double> rates, int epochs, List<EpochRecord> records) {
    this.series = series;
    this.rates = rates;
    this.epochs = epochs;
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

  /** The runs of all seeds, each by its epochs. */
  private List<NavigableMap<Integer, EpochRecord>> seeds(String name, double rate) {
    return List.copyOf(runs.getOrDefault(name, Map.of()).getOrDefault(rate, Map.of()).values());
  }

  /** Test accuracies after an epoch, over the seeds that came so far or diverged before. */
  Cell accuracy(String name, double rate, int epoch) {
    List<Double> values = new ArrayList<>();
    for (NavigableMap<Integer, EpochRecord> run : seeds(name, rate)) {
      EpochRecord record = run.get(epoch);
      EpochRecord last = run.lastEntry().getValue();
      if (record != null) {
        values.add(record.diverged() ? Double.NaN : record.testAccuracy());
      } else if (last.diverged() && last.epoch() < epoch) {
        values.add(Double.NaN);
      }
    }
    return Cell.of(values);
  }

  /** Mean over the seeds of a quantity after an epoch; NaN where no run came so far, or one of them diverged. */
  double mean(String name, double rate, int epoch, ToDoubleFunction<EpochRecord> quantity) {
    if (accuracy(name, rate, epoch).diverged() > 0) {
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

  /** The best mean accuracy at the end of all. */
  double best() {
    return series.stream().flatMap(name -> rates.stream().map(rate -> accuracy(name, rate, epochs)))
        .map(Cell::score).filter(score -> !score.isNaN()).max(Comparator.naturalOrder()).orElse(Double.NaN);
  }
}
