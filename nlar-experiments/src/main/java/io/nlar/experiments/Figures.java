package io.nlar.experiments;

import io.nlar.experiments.Figure.Axis;
import io.nlar.experiments.Figure.Line;
import io.nlar.experiments.Figure.Panel;
import io.nlar.experiments.Figure.Point;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToDoubleFunction;

/** What the pictures of a campaign show. */
final class Figures {
  static final String CURVES = "curves";
  static final String ROBUSTNESS = "robustness";
  static final String RATES = "rates";
  static final String VALUES = "values";

  private static final int PANEL_WIDTH = 460;
  private static final int PANEL_HEIGHT = 330;
  private static final int VALUE_WIDTH = 120;
  private static final int NAME_WIDTH = 100;
  private static final int LARGE_HEIGHT = 440;
  private static final int COLUMNS = 3;
  /** Points of a line at most: of more, the axis would label so many that they run into each other. */
  private static final int POINTS = 20;
  private static final double LOWEST_DRAWN_RATE = 1e-30;
  private static final String BARS = "bars: ± standard error; ";
  private static final String DIVERGED = "mean over seeds; a diverged run counts as ";

  private final Results results;
  private final String subject;
  private final Measure measure;

  /**
   * Prepares them.
   *
   * @param subject what was trained, for the titles
   */
  Figures(Results results, String subject) {
    this.results = results;
    this.subject = subject;
    this.measure = results.measure();
  }

  /** Scores by epoch, one panel for each initial rate. */
  Figure curves() {
    List<Panel> panels = new ArrayList<>();
    for (double rate : results.rates()) {
      List<Line> lines = new ArrayList<>();
      for (int s = 0; s < results.series().size(); s++) {
        String name = results.series().get(s);
        add(lines, s, name, true, epochsOf(epoch -> measure.drawn(results.score(name, rate, epoch).score())));
      }
      panels.add(new Panel(panel(rate), epochs(), scores(), lines, PANEL_WIDTH, PANEL_HEIGHT));
    }
    return figure(CURVES, measure.label() + " by " + measure.epoch(), results.series(), average() + diverged(), panels,
        COLUMNS);
  }

  /** Scores after the first epoch, where that says something, and at the end against the initial rate. */
  Figure robustness() {
    List<Panel> panels = new ArrayList<>();
    List<Integer> told = results.toldEpochs();
    List<Double> numbers = results.rates().stream().filter(rate -> !rate.isNaN()).toList();
    for (int epoch : told) {
      List<Line> lines = new ArrayList<>();
      for (int s = 0; s < results.series().size(); s++) {
        String name = results.series().get(s);
        List<Point> points = new ArrayList<>();
        for (double rate : numbers.isEmpty() ? results.rates() : numbers) {
          Cell cell = results.score(name, rate, epoch);
          if (cell.runs() > 0) {
            // Defaults alone stand beside each other, by series.
            points.add(point(numbers.isEmpty() ? s : rate, cell));
          }
        }
        add(lines, s, name, true, points);
      }
      panels.add(new Panel(epoch == 1 ? "after the first " + measure.epoch() : "after " + measure.epoch() + " " + epoch,
          rates(numbers), scores(), lines, numbers.isEmpty() ? Math.max(640, NAME_WIDTH * results.series().size())
              : told.size() == 1 ? 1000 : 640, LARGE_HEIGHT));
    }
    return figure(ROBUSTNESS, measure.label() + " by initial rate", results.series(), BARS + average() + diverged(), panels,
        numbers.isEmpty() ? 1 : panels.size());
  }

  /** The axis of initial rates; of the series where there are none but defaults. */
  private Axis rates(List<Double> numbers) {
    if (numbers.isEmpty()) {
      return Axis.of("default initial rates", results.series());
    }
    double beyond = numbers.size() == 1 ? 10 : 1;
    return Axis.logarithmic("initial rate (log scale)", numbers.getFirst() / beyond, numbers.getLast() * beyond);
  }

  private static String panel(double rate) {
    return Double.isNaN(rate) ? "default initial rates" : "initial rate " + Numbers.rate(rate);
  }

  /** Scores at the end against the values that were tried, one panel for each optimizer, one line for each rate. */
  Figure byValue(String label, List<String> optimizers, List<String> values) {
    List<Panel> panels = new ArrayList<>();
    for (String optimizer : optimizers) {
      List<Line> lines = new ArrayList<>();
      for (int r = 0; r < results.rates().size(); r++) {
        double rate = results.rates().get(r);
        List<Point> points = new ArrayList<>();
        for (int v = 0; v < values.size(); v++) {
          Cell cell = results.score(Results.seriesOf(new RunKey(values.get(v), optimizer, rate, 0)), rate, results.epochs());
          if (cell.runs() > 0) {
            points.add(point(v, cell));
          }
        }
        add(lines, r, Numbers.rate(rate), true, points);
      }
      panels.add(new Panel(optimizer, Axis.of(label, values), scores(), lines,
          Math.max(640, VALUE_WIDTH * values.size()), LARGE_HEIGHT));
    }
    return figure(VALUES, measure.label() + " by " + label,
        results.rates().stream().map(rate -> "rate " + Numbers.rate(rate)).toList(), BARS + average() + diverged(), panels, 1);
  }

  /** Median and quartiles of the learned rates by epoch, one panel for each initial rate. */
  Figure learnedRates() {
    List<Panel> panels = new ArrayList<>();
    for (double rate : results.rates()) {
      List<Line> lines = new ArrayList<>();
      for (int s = 0; s < results.series().size(); s++) {
        String name = results.series().get(s);
        if (adaptsRate(name)) {
          double first = optimizer(name).rate(rate);
          add(lines, s, name + " quartile 1", false,
              startingAt(first, epochsOf(epoch -> results.mean(name, rate, epoch, EpochRecord::lowerRate))));
          add(lines, s, name, true,
              startingAt(first, epochsOf(epoch -> results.mean(name, rate, epoch, EpochRecord::medianRate))));
          add(lines, s, name + " quartile 3", false,
              startingAt(first, epochsOf(epoch -> results.mean(name, rate, epoch, EpochRecord::upperRate))));
        }
      }
      double lowest = Double.POSITIVE_INFINITY;
      double highest = 0;
      for (Line line : lines) {
        for (Point point : line.points()) {
          lowest = Math.min(lowest, point.y());
          highest = Math.max(highest, point.y());
        }
      }
      if (lines.isEmpty()) {
        lowest = Double.isNaN(rate) ? 1 : rate;
        highest = lowest;
      }
      panels.add(new Panel(panel(rate), epochs(), Axis.logarithmic("learning rate (log scale)",
          Math.pow(10, Math.floor(Math.log10(lowest) - 0.3)), Math.pow(10, Math.ceil(Math.log10(highest) + 0.3))), lines,
          PANEL_WIDTH, PANEL_HEIGHT));
    }
    return figure(RATES, "learned rates by " + measure.epoch(),
        results.series().stream().map(name -> adaptsRate(name) ? name : "").toList(),
        "marked: median over the parameters; thin: quartiles; up to where a run diverged", panels, COLUMNS);
  }

  private Figure figure(String name, String shows, List<String> legend, String note, List<Panel> panels, int columns) {
    return new Figure(name, HtmlReport.capital(shows), subject + ": " + shows, legend, note, panels,
        Math.min(columns, panels.size()));
  }

  private Axis scores() {
    return Axis.linear(measure.title(), measure.least(), measure.most());
  }

  private Axis epochs() {
    return Axis.linear(measure.epoch(), 0, results.epochs());
  }

  /** Where a cell is drawn, with the length of its bar. */
  private Point point(double x, Cell cell) {
    return new Point(x, measure.drawn(cell.score()), cell.diverged() > 0 ? 0 : measure.shown(cell.standardError()));
  }

  /** What a point is the mean of, before the seeds. */
  private String average() {
    return measure.window() == 1 ? "" : "last " + measure.window() + " tests; ";
  }

  private String diverged() {
    return DIVERGED + Numbers.rate(measure.shown(measure.nothing()));
  }

  /** Whether the learning rates of a series move. */
  private static boolean adaptsRate(String series) {
    return optimizer(series).adaptsRate();
  }

  private static OptimizerChoice optimizer(String series) {
    return new OptimizerChoice(series.split(" ")[0]);
  }

  private static void add(List<Line> lines, int series, String name, boolean main, List<Point> points) {
    if (!points.isEmpty()) {
      lines.add(new Line(series, name, main, points));
    }
  }

  /** Epoch and value, where the value is there; of many epochs one now and then, and the last. */
  private List<Point> epochsOf(IntToDoubleFunction quantity) {
    List<Point> points = new ArrayList<>();
    int apart = (results.epochs() + POINTS - 1) / POINTS;
    for (int epoch = apart; epoch < results.epochs() + apart; epoch += apart) {
      int at = Math.min(epoch, results.epochs());
      double value = quantity.applyAsDouble(at);
      if (!Double.isNaN(value)) {
        points.add(new Point(at, value, Double.NaN));
      }
    }
    return points;
  }

  /** The same with the rate of epoch 0, less what a logarithmic axis cannot show. */
  private static List<Point> startingAt(double rate, List<Point> points) {
    List<Point> all = new ArrayList<>();
    if (!points.isEmpty()) {
      all.add(new Point(0, rate, Double.NaN));
    }
    all.addAll(points);
    all.removeIf(point -> !(point.y() > LOWEST_DRAWN_RATE) || Double.isInfinite(point.y()));
    return all;
  }
}
