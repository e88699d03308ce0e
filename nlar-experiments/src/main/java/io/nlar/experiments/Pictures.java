package io.nlar.experiments;

import io.nlar.cli.OutputFile;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.CategorySeries;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.internal.series.MarkerSeries;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Draws figures as PNG. */
final class Pictures {
  private static final float LINE = 2.2f;
  private static final float THIN = 0.9f;
  /** Above so many points a line has no marks on it. */
  private static final int MARKED = 15;

  private Pictures() {}

  /** The file in which a figure is drawn. */
  static String file(String figure) {
    return figure + ".png";
  }

  /** Draws a figure into its file. */
  static void write(Path folder, Figure figure) {
    List<Chart<?, ?>> charts = new ArrayList<>();
    for (Figure.Panel panel : figure.panels()) {
      charts.add(panel.x().categories().isEmpty() ? numbers(panel) : categories(panel));
    }
    Panels.write(OutputFile.in(folder, file(figure.name())), figure.title(), figure.legend(), figure.note(), charts,
        figure.columns());
  }

  private static XYChart numbers(Figure.Panel panel) {
    XYChart chart = new XYChartBuilder().width(panel.width()).height(panel.height()).title(panel.title())
        .xAxisTitle(panel.x().title()).yAxisTitle(panel.y().title()).build();
    style(chart.getStyler(), panel);
    Figure.Axis x = panel.x();
    chart.getStyler().setXAxisMin(x.least()).setXAxisMax(x.most());
    if (x.logarithmic()) {
      chart.getStyler().setXAxisLogarithmic(true);
      chart.getStyler().setXAxisTickLabelsFormattingFunction(Numbers::rate);
    } else {
      chart.getStyler().setXAxisDecimalPattern(x.most() < 5 ? "0.#" : "0");
    }
    for (Figure.Line line : panel.lines()) {
      double[] at = all(line, Figure.Point::x);
      double[] y = all(line, Figure.Point::y);
      XYSeries series = Double.isNaN(line.points().getFirst().bar()) ? chart.addSeries(line.name(), at, y)
          : chart.addSeries(line.name(), at, y, all(line, Figure.Point::bar));
      paint(series, line);
    }
    return chart;
  }

  private static double[] all(Figure.Line line, ToDoubleFunction<Figure.Point> coordinate) {
    return line.points().stream().mapToDouble(coordinate).toArray();
  }

  private static CategoryChart categories(Figure.Panel panel) {
    CategoryChart chart = new CategoryChartBuilder().width(panel.width()).height(panel.height()).title(panel.title())
        .xAxisTitle(panel.x().title()).yAxisTitle(panel.y().title()).build();
    style(chart.getStyler(), panel);
    chart.getStyler().setDefaultSeriesRenderStyle(CategorySeries.CategorySeriesRenderStyle.Line);
    chart.getStyler().setOverlapped(true); // else series stand beside each other, as bars do, and not over their names
    List<String> names = panel.x().categories();
    for (Figure.Line line : panel.lines()) {
      List<Double> scores = new ArrayList<>(Collections.nCopies(names.size(), null));
      List<Double> bars = new ArrayList<>(Collections.nCopies(names.size(), null));
      for (Figure.Point point : line.points()) {
        scores.set((int) point.x(), point.y());
        bars.set((int) point.x(), point.bar());
      }
      paint(chart.addSeries(line.name(), names, scores, bars), line);
    }
    return chart;
  }

  private static void paint(MarkerSeries series, Figure.Line line) {
    boolean marked = line.main() && line.points().size() <= MARKED;
    series.setMarker(marked ? Palette.marker(line.series()) : SeriesMarkers.NONE);
    series.setMarkerColor(Palette.colour(line.series()));
    series.setLineColor(Palette.colour(line.series()));
    series.setLineStyle(line.main() ? Palette.line(line.series(), LINE) : new BasicStroke(THIN));
  }

  private static void style(AxesChartStyler styler, Figure.Panel panel) {
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
    styler.setYAxisMin(panel.y().least());
    styler.setYAxisMax(panel.y().most());
    if (panel.y().logarithmic()) {
      styler.setYAxisLogarithmic(true);
      styler.setYAxisTickLabelsFormattingFunction(Numbers::rate);
    } else {
      styler.setYAxisDecimalPattern(panel.y().most() - panel.y().least() < 5 ? "0.0#" : "0");
    }
  }
}
