package io.nlar.bench.report;

import io.nlar.DType;
import io.nlar.DeviceInfo;
import io.nlar.bench.contest.Kind;
import io.nlar.bench.contest.RaceSpec;
import io.nlar.bench.harness.Interval;
import io.nlar.cli.DTypeConverter;
import io.nlar.cli.Sizes;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.DoubleFunction;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * The roofline chart: time a parameter, and bytes moved a second; a row for each device and element type. Over several
 * sizes it has lines against the number of parameters, and what the device's memory allows is the thick grey one; of a
 * single size it has bars.
 */
public final class ReportChart {
  /** The legend takes a quarter of it. */
  private static final int WIDTH = 1130;
  private static final int HEIGHT = 600;
  private static final int BARS_WIDTH = 820;
  private static final String ROOFLINE_LABEL = "both passes, no arithmetic";
  private static final Color ROOFLINE = new Color(0x9a9a9a);
  private static final Color COPY = new Color(0xc4c4c4);
  /** Told apart also by those who see few colours (Okabe and Ito, "Color Universal Design"). */
  private static final Color[] COLOURS = {
    new Color(0x0072b2), new Color(0xd55e00), new Color(0x009e73), new Color(0xcc79a7), new Color(0xe69f00),
    new Color(0x56b4e9), new Color(0x000000), new Color(0x8c564b), new Color(0x7f7f00)
  };

  private static final Marker[] MARKERS = {
    SeriesMarkers.CIRCLE, SeriesMarkers.DIAMOND, SeriesMarkers.TRIANGLE_UP, SeriesMarkers.TRIANGLE_DOWN,
    SeriesMarkers.CROSS, SeriesMarkers.PLUS
  };

  private ReportChart() {}

  private record Panel(DeviceInfo device, DType type) {
    static Panel of(RaceReport report) {
      return new Panel(report.spec().workload().device(), report.spec().workload().type());
    }
  }

  /** What a chart shows of each result. */
  private enum Measure {
    TIME("time of a step (less is better)", "nanoseconds a parameter", Result::nanosPerParameter, ReportTable::nanos),
    TRAFFIC("memory traffic of a step", "bytes read and written, GB/s", Result::gigabytesPerSecond,
        ReportTable::gigabytes);

    private final String title;
    private final String axis;
    private final Function<Result, Interval> figure;
    private final DoubleFunction<String> number;

    Measure(String title, String axis, Function<Result, Interval> figure, DoubleFunction<String> number) {
      this.title = title;
      this.axis = axis;
      this.figure = figure;
      this.number = number;
    }
  }

  /** Writes the chart of all races of steps, of which there is at least one, as PNG. */
  public static void write(OutputStream png, List<RaceReport> reports) throws IOException {
    System.setProperty("java.awt.headless", "true");
    ImageIO.setUseCache(false); // which would be a file in Java's temporary folder
    Map<Panel, List<RaceReport>> panels = reports.stream()
        .filter(report -> report.spec().subject() == RaceSpec.Subject.STEPS)
        .collect(Collectors.groupingBy(Panel::of, LinkedHashMap::new, Collectors.toList()));
    ImageIO.write(image(panels.entrySet().stream()
        .map(panel -> Stream.of(Measure.values()).map(measure -> cell(panel.getKey(), panel.getValue(), measure)).toList())
        .toList()), "png", png);
  }

  /** A part of the picture, which paints itself from the origin. */
  private record Cell(int width, int height, Consumer<Graphics2D> painter) {}

  private static Cell cell(Panel panel, List<RaceReport> races, Measure measure) {
    if (races.stream().mapToLong(race -> race.spec().workload().size()).distinct().count() == 1) {
      BarPanel bars = bars(panel, races, measure);
      return new Cell(BARS_WIDTH, bars.height(), g -> bars.paint(g, BARS_WIDTH));
    }
    XYChart chart = chart(panel, races, measure);
    return new Cell(WIDTH, HEIGHT, g -> chart.paint(g, WIDTH, HEIGHT));
  }

  private static BufferedImage image(List<List<Cell>> rows) {
    int width = rows.stream().mapToInt(row -> row.stream().mapToInt(Cell::width).sum()).max().orElseThrow();
    int height = rows.stream().mapToInt(row -> row.getFirst().height()).sum();
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = image.createGraphics();
    try {
      g.setColor(Color.WHITE);
      g.fillRect(0, 0, width, height);
      g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
      g.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
      int y = 0;
      for (List<Cell> row : rows) {
        int x = 0;
        for (Cell cell : row) {
          Graphics2D own = (Graphics2D) g.create(x, y, cell.width, cell.height);
          cell.painter.accept(own);
          own.dispose();
          x += cell.width;
        }
        y += row.getFirst().height;
      }
    } finally {
      g.dispose();
    }
    return image;
  }

  /** What the memory allows first, then the steps, the fastest first. */
  private static BarPanel bars(Panel panel, List<RaceReport> races, Measure measure) {
    List<BarPanel.Bar> bars = new ArrayList<>();
    for (RaceReport race : races) {
      List<Result> shown = race.results().stream().filter(result -> shown(race, result))
          .sorted(Comparator.comparing(Result::kind)
              .thenComparingDouble(result -> result.kind() == Kind.STEP ? result.nanosPerParameter().median() : 0))
          .toList();
      for (Result result : shown) {
        bars.add(new BarPanel.Bar(result.kind() == Kind.ROOFLINE ? ROOFLINE_LABEL : result.name(),
            measure.figure.apply(result), switch (result.kind()) {
              case ROOFLINE -> ROOFLINE;
              case COPY -> COPY;
              default -> COLOURS[race.results().indexOf(result) % COLOURS.length];
            }));
      }
    }
    return new BarPanel(title(panel) + ", " + Sizes.count(races.getFirst().spec().workload().size()) + " parameters",
        measure.title + ": " + measure.axis, bars, measure.number);
  }

  private static String title(Panel panel) {
    return panel.device.selector() + " (" + ReportTable.shortName(panel.device) + "), " + DTypeConverter.name(panel.type);
  }

  /** Of the roofline's shapes only the fastest, which may be another one at each size. */
  private static boolean shown(RaceReport race, Result result) {
    return result.kind() != Kind.PART && (result.kind() != Kind.ROOFLINE || result.name().equals(race.roofline()));
  }

  private static XYChart chart(Panel panel, List<RaceReport> races, Measure measure) {
    XYChart chart = new XYChartBuilder().width(WIDTH).height(HEIGHT)
        .title(title(panel) + ": " + measure.title)
        .xAxisTitle("parameters")
        .yAxisTitle(measure.axis)
        .build();
    Map<String, TreeMap<Double, Double>> lines = new LinkedHashMap<>();
    Map<String, Kind> kinds = new LinkedHashMap<>();
    for (RaceReport race : races) {
      for (Result result : race.results()) {
        if (shown(race, result)) {
          String label = result.kind() == Kind.ROOFLINE ? ROOFLINE_LABEL : result.name();
          kinds.put(label, result.kind());
          lines.computeIfAbsent(label, name -> new TreeMap<>())
              .put(log2(race.spec().workload().size()), measure.figure.apply(result).median());
        }
      }
    }
    int next = 0;
    for (var line : lines.entrySet()) {
      XYSeries series = chart.addSeries(line.getKey(),
          List.copyOf(line.getValue().keySet()), List.copyOf(line.getValue().values()));
      Kind kind = kinds.get(line.getKey());
      if (kind == Kind.STEP) {
        Color colour = COLOURS[next % COLOURS.length];
        series.setMarkerColor(colour).setMarker(MARKERS[next % MARKERS.length]);
        series.setLineColor(colour).setLineWidth(2);
        next++;
      } else {
        Color colour = kind == Kind.ROOFLINE ? ROOFLINE : COPY;
        series.setMarkerColor(colour).setMarker(SeriesMarkers.SQUARE);
        series.setLineColor(colour).setLineStyle(kind == Kind.ROOFLINE
            ? new BasicStroke(6, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND)
            : new BasicStroke(3, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, new float[] {8, 6}, 0));
      }
    }
    style(chart);
    // Whole decades, which are what a logarithmic axis labels.
    var values = lines.values().stream().flatMap(line -> line.values().stream()).mapToDouble(Math::log10)
        .summaryStatistics();
    if (values.getCount() > 0) {
      chart.getStyler().setYAxisMin(Math.pow(10, Math.floor(values.getMin())));
      chart.getStyler().setYAxisMax(Math.pow(10, Math.floor(values.getMax()) + 1));
    }
    return chart;
  }

  private static void style(XYChart chart) {
    var styler = chart.getStyler();
    styler.setChartBackgroundColor(Color.WHITE)
        .setLegendPosition(Styler.LegendPosition.OutsideE)
        .setLegendBorderColor(Color.WHITE)
        .setChartTitleFont(new Font(Font.SANS_SERIF, Font.BOLD, 16))
        .setLegendFont(new Font(Font.SANS_SERIF, Font.PLAIN, 13));
    styler.setAxisTitleFont(new Font(Font.SANS_SERIF, Font.PLAIN, 14));
    styler.setAxisTickLabelsFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
    styler.setYAxisLogarithmic(true);
    styler.setMarkerSize(7);
    styler.setPlotGridLinesColor(new Color(0xe4e4e4));
    styler.setPlotBorderVisible(false);
    // The axis counts in powers of two; only whole ones have a label.
    styler.setxAxisTickLabelsFormattingFunction(
        power -> power == Math.rint(power) && power >= 0 ? Sizes.count(1L << power.intValue()) : "");
  }

  private static double log2(long size) {
    return Math.log(size) / Math.log(2);
  }
}
