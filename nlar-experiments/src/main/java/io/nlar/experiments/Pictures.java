package io.nlar.experiments;

import io.nlar.cli.OutputFile;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.IntToDoubleFunction;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.CategorySeries;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Draws the pictures of a campaign. */
final class Pictures {
  static final String CURVES = "curves.png";
  static final String ROBUSTNESS = "robustness.png";
  static final String RATES = "rates.png";
  static final String VALUES = "values.png";

  private static final int PANEL_WIDTH = 460;
  private static final int PANEL_HEIGHT = 330;
  private static final int VALUE_WIDTH = 120;
  private static final int COLUMNS = 3;
  /** Points of a line at most: of more, the axis would label so many that they run into each other. */
  private static final int POINTS = 20;
  private static final double LOWEST_DRAWN_RATE = 1e-30;
  private static final String DIVERGED = "mean over seeds; a diverged run counts as 0";

  private final Results results;
  private final String subject;
  private final Measure measure;

  /**
   * Prepares to draw.
   *
   * @param subject what was trained, for the titles
   */
  Pictures(Results results, String subject) {
    this.results = results;
    this.subject = subject;
    this.measure = results.measure();
  }

  /** Scores by epoch, one panel for each initial rate. */
  void curves(Path folder) {
    List<XYChart> charts = new ArrayList<>();
    for (double rate : results.rates()) {
      XYChart chart = chart("initial rate " + Numbers.rate(rate), measure.epoch(), measure.title(), PANEL_WIDTH,
          PANEL_HEIGHT);
      scoreAxis(chart.getStyler());
      epochAxis(chart);
      for (int s = 0; s < results.series().size(); s++) {
        String name = results.series().get(s);
        add(chart, s, name, epochsOf(epoch -> measure.shown(results.score(name, rate, epoch).score())));
      }
      charts.add(chart);
    }
    Panels.write(OutputFile.in(folder, CURVES), subject + ": " + measure.label() + " by " + measure.epoch(),
        results.series(), average() + DIVERGED, charts, Math.min(COLUMNS, charts.size()));
  }

  /** Scores after the first epoch, where that says something, and at the end against the initial rate. */
  void robustness(Path folder) {
    List<XYChart> charts = new ArrayList<>();
    int width = results.toldEpochs().size() == 1 ? 1000 : 640;
    for (int epoch : results.toldEpochs()) {
      String title = epoch == 1 ? "after the first " + measure.epoch() : "after " + measure.epoch() + " " + epoch;
      XYChart chart = chart(title, "initial rate (log scale)", measure.title(), width, 440);
      scoreAxis(chart.getStyler());
      XYStyler styler = chart.getStyler();
      styler.setXAxisLogarithmic(true);
      styler.setXAxisTickLabelsFormattingFunction(Numbers::rate);
      for (int s = 0; s < results.series().size(); s++) {
        String name = results.series().get(s);
        List<double[]> points = new ArrayList<>();
        for (double rate : results.rates()) {
          Cell cell = results.score(name, rate, epoch);
          if (cell.runs() > 0) {
            points.add(point(rate, cell));
          }
        }
        add(chart, s, name, points);
      }
      charts.add(chart);
    }
    Panels.write(OutputFile.in(folder, ROBUSTNESS), subject + ": " + measure.label() + " by initial rate",
        results.series(), "bars: ± standard error; " + average() + DIVERGED, charts, charts.size());
  }

  /** Where a cell is drawn, with the length of its bar. */
  private double[] point(double x, Cell cell) {
    return new double[] {x, measure.shown(cell.score()), cell.diverged() > 0 ? 0 : measure.shown(cell.standardError())};
  }

  /** What a point is the mean of, before the seeds. */
  private String average() {
    return measure.window() == 1 ? "" : "last " + measure.window() + " tests; ";
  }

  /** Scores at the end against the values that were tried, one panel for each optimizer, one line for each rate. */
  void byValue(Path folder, String label, List<String> optimizers, List<String> values) {
    List<CategoryChart> charts = new ArrayList<>();
    for (String optimizer : optimizers) {
      CategoryChart chart = new CategoryChartBuilder().width(Math.max(640, VALUE_WIDTH * values.size())).height(440)
          .title(optimizer).xAxisTitle(label).yAxisTitle(measure.title()).build();
      style(chart.getStyler());
      chart.getStyler().setDefaultSeriesRenderStyle(CategorySeries.CategorySeriesRenderStyle.Line);
      scoreAxis(chart.getStyler());
      for (int r = 0; r < results.rates().size(); r++) {
        double rate = results.rates().get(r);
        List<Double> scores = new ArrayList<>();
        List<Double> bars = new ArrayList<>();
        for (String value : values) {
          Cell cell = results.score(Results.seriesOf(new RunKey(value, optimizer, rate, 0)), rate, results.epochs());
          double[] point = point(0, cell);
          scores.add(cell.runs() > 0 ? point[1] : null);
          bars.add(cell.runs() > 0 ? point[2] : null);
        }
        if (scores.stream().anyMatch(Objects::nonNull)) {
          CategorySeries series = chart.addSeries(Numbers.rate(rate), values, scores, bars);
          series.setLineColor(Palette.colour(r));
          series.setLineStyle(Palette.line(r, 2.2f));
          series.setMarker(Palette.marker(r));
          series.setMarkerColor(Palette.colour(r));
        }
      }
      charts.add(chart);
    }
    Panels.write(OutputFile.in(folder, VALUES), subject + ": " + measure.label() + " by " + label,
        results.rates().stream().map(rate -> "rate " + Numbers.rate(rate)).toList(),
        "bars: ± standard error; " + average() + DIVERGED, charts, 1);
  }

  /** Median and quartiles of the learned rates by epoch, one panel for each initial rate. */
  void learnedRates(Path folder) {
    List<XYChart> charts = new ArrayList<>();
    for (double rate : results.rates()) {
      XYChart chart = chart("initial rate " + Numbers.rate(rate), measure.epoch(), "learning rate (log scale)", PANEL_WIDTH,
          PANEL_HEIGHT);
      epochAxis(chart);
      chart.getStyler().setYAxisLogarithmic(true);
      chart.getStyler().setYAxisTickLabelsFormattingFunction(Numbers::rate);
      double lowest = rate;
      double highest = rate;
      for (int s = 0; s < results.series().size(); s++) {
        String name = results.series().get(s);
        if (!adaptsRate(name)) {
          continue;
        }
        List<List<double[]>> lines = List.of(
            startingAt(rate, epochsOf(epoch -> results.mean(name, rate, epoch, EpochRecord::lowerRate))),
            startingAt(rate, epochsOf(epoch -> results.mean(name, rate, epoch, EpochRecord::medianRate))),
            startingAt(rate, epochsOf(epoch -> results.mean(name, rate, epoch, EpochRecord::upperRate))));
        for (int line = 0; line < lines.size(); line++) {
          for (double[] point : lines.get(line)) {
            lowest = Math.min(lowest, point[1]);
            highest = Math.max(highest, point[1]);
          }
          XYSeries series = add(chart, s, name + (line == 1 ? "" : " quartile " + line), lines.get(line));
          if (series != null && line != 1) {
            series.setLineStyle(new BasicStroke(0.9f));
            series.setMarker(SeriesMarkers.NONE);
          }
        }
      }
      chart.getStyler().setYAxisMin(Math.pow(10, Math.floor(Math.log10(lowest) - 0.3)));
      chart.getStyler().setYAxisMax(Math.pow(10, Math.ceil(Math.log10(highest) + 0.3)));
      charts.add(chart);
    }
    Panels.write(OutputFile.in(folder, RATES), subject + ": learned rates by " + measure.epoch(),
        results.series().stream().map(name -> adaptsRate(name) ? name : "").toList(),
        "marked: median over the parameters; thin: quartiles; up to where a run diverged", charts,
        Math.min(COLUMNS, charts.size()));
  }

  /** Whether the learning rates of a series move. */
  private static boolean adaptsRate(String series) {
    return new OptimizerChoice(series.split(" ")[0]).adaptsRate();
  }

  /** Epoch and value, where the value is there; of many epochs one now and then, and the last. */
  private List<double[]> epochsOf(IntToDoubleFunction quantity) {
    List<double[]> points = new ArrayList<>();
    int apart = (results.epochs() + POINTS - 1) / POINTS;
    for (int epoch = apart; epoch < results.epochs() + apart; epoch += apart) {
      int at = Math.min(epoch, results.epochs());
      double value = quantity.applyAsDouble(at);
      if (!Double.isNaN(value)) {
        points.add(new double[] {at, value});
      }
    }
    return points;
  }

  /** The same with the rate of epoch 0, less what a logarithmic axis cannot show. */
  private static List<double[]> startingAt(double rate, List<double[]> points) {
    List<double[]> all = new ArrayList<>();
    if (!points.isEmpty()) {
      all.add(new double[] {0, rate});
    }
    all.addAll(points);
    all.removeIf(point -> !(point[1] > LOWEST_DRAWN_RATE) || Double.isInfinite(point[1]));
    return all;
  }

  private static XYSeries add(XYChart chart, int index, String name, List<double[]> points) {
    if (points.isEmpty()) {
      return null;
    }
    double[] x = points.stream().mapToDouble(point -> point[0]).toArray();
    double[] y = points.stream().mapToDouble(point -> point[1]).toArray();
    XYSeries series = points.getFirst().length == 2
        ? chart.addSeries(name, x, y)
        : chart.addSeries(name, x, y, points.stream().mapToDouble(point -> point[2]).toArray());
    series.setLineColor(Palette.colour(index));
    series.setLineStyle(Palette.line(index, 2.2f));
    series.setMarker(points.size() > 15 ? SeriesMarkers.NONE : Palette.marker(index));
    series.setMarkerColor(Palette.colour(index));
    return series;
  }

  private void scoreAxis(AxesChartStyler styler) {
    styler.setYAxisMin(0.0);
    styler.setYAxisMax(measure.top());
    styler.setYAxisDecimalPattern("0");
  }

  private void epochAxis(XYChart chart) {
    chart.getStyler().setXAxisMin(0.0);
    chart.getStyler().setXAxisMax((double) results.epochs());
    chart.getStyler().setXAxisDecimalPattern(results.epochs() < 5 ? "0.#" : "0");
  }

  private static XYChart chart(String title, String x, String y, int width, int height) {
    XYChart chart = new XYChartBuilder().width(width).height(height).title(title).xAxisTitle(x).yAxisTitle(y).build();
    style(chart.getStyler());
    return chart;
  }

  private static void style(AxesChartStyler styler) {
    styler.setLegendVisible(false);
    styler.setChartBackgroundColor(Color.WHITE);
    styler.setPlotBackgroundColor(Color.WHITE);
    styler.setPlotGridLinesColor(new Color(0xDDDDDD));
    styler.setPlotBorderColor(Color.GRAY);
    styler.setChartTitleBoxVisible(false);
    styler.setChartTitleFont(new Font(Font.SANS_SERIF, Font.BOLD, 15));
    styler.setAxisTitleFont(new Font(Font.SANS_SERIF, Font.PLAIN, 14));
    styler.setAxisTickLabelsFont(new Font(Font.SANS_SERIF, Font.PLAIN, 13));
    styler.setMarkerSize(8);
    styler.setErrorBarsColorSeriesColor(true);
  }
}
