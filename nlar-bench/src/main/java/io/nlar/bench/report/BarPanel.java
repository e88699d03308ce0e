package io.nlar.bench.report;

import io.nlar.bench.harness.Interval;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.geom.Line2D;
import java.awt.geom.Rectangle2D;
import java.util.List;
import java.util.function.DoubleFunction;

/** Horizontal bars from 0, one below the other: name, bar up to the median, whisker over the interval, figures. */
final class BarPanel {
  private static final Font TITLE = new Font(Font.SANS_SERIF, Font.BOLD, 16);
  private static final Font TEXT = new Font(Font.SANS_SERIF, Font.PLAIN, 14);
  private static final int MARGIN = 14;
  private static final int HEAD = 64;
  private static final int ROW = 30;
  private static final int BAR = 18;
  private static final int CAP = 8;

  private final String title;
  private final String axis;
  private final List<Bar> bars;
  private final DoubleFunction<String> number;

  /** One of the bars. */
  record Bar(String name, Interval figure, Color colour) {}

  /**
   * A panel of bars.
   *
   * @param axis what the figures are
   * @param number a figure as text
   */
  BarPanel(String title, String axis, List<Bar> bars, DoubleFunction<String> number) {
    this.title = title;
    this.axis = axis;
    this.bars = List.copyOf(bars);
    this.number = number;
  }

  int height() {
    return HEAD + bars.size() * ROW + MARGIN;
  }

  /** Paints it from the origin. */
  void paint(Graphics2D g, int width) {
    g.setColor(Color.BLACK);
    g.setFont(TITLE);
    g.drawString(title, MARGIN, 26);
    g.setFont(TEXT);
    g.drawString(axis + ", median [95 %]", MARGIN, 50);
    FontMetrics metrics = g.getFontMetrics();
    int names = MARGIN + bars.stream().mapToInt(bar -> metrics.stringWidth(bar.name)).max().orElse(0) + 10;
    int figures = bars.stream().mapToInt(bar -> metrics.stringWidth(text(bar.figure))).max().orElse(0) + 10 + MARGIN;
    double longest = bars.stream().mapToDouble(bar -> bar.figure.high()).max().orElse(1);
    double unit = (width - names - figures) / longest;
    for (int i = 0; i < bars.size(); i++) {
      Bar bar = bars.get(i);
      double middle = HEAD + (i + 0.5) * ROW;
      float base = (float) (middle + (metrics.getAscent() - metrics.getDescent()) / 2.0);
      g.setColor(bar.colour);
      g.fill(new Rectangle2D.Double(names, middle - BAR / 2.0, unit * bar.figure.median(), BAR));
      g.setColor(Color.BLACK);
      g.drawString(bar.name, names - 10 - metrics.stringWidth(bar.name), base);
      whisker(g, names + unit * bar.figure.low(), names + unit * bar.figure.high(), middle);
      g.drawString(text(bar.figure), (float) (names + unit * bar.figure.high() + 10), base);
    }
  }

  private static void whisker(Graphics2D g, double from, double to, double middle) {
    g.setStroke(new BasicStroke(1.5f));
    g.draw(new Line2D.Double(from, middle, to, middle));
    for (double end : new double[] {from, to}) {
      g.draw(new Line2D.Double(end, middle - CAP / 2.0, end, middle + CAP / 2.0));
    }
  }

  private String text(Interval figure) {
    return number.apply(figure.median()) + " [" + number.apply(figure.low()) + " – " + number.apply(figure.high()) + "]";
  }
}
