package io.nlar.experiments;

import java.util.List;

/**
 * A picture before it is drawn: panels side by side, in which a series has the same colour throughout.
 *
 * @param name of its file, without what tells the form
 * @param shows what it shows, for people: {@code Test accuracy by epoch}
 * @param title above it
 * @param legend names of the series in order, empty for one that is not drawn
 * @param note what the lines are, beside the legend
 * @param columns panels side by side
 */
record Figure(String name, String shows, String title, List<String> legend, String note, List<Panel> panels, int columns) {

  /**
   * A coordinate system with lines in it.
   *
   * @param width in pixels
   * @param height in pixels
   */
  record Panel(String title, Axis x, Axis y, List<Line> lines, int width, int height) {}

  /**
   * An axis.
   *
   * @param logarithmic whether it is; all numbers on it are above 0 then
   * @param least where it begins
   * @param most where it ends
   * @param categories what stands at 0, 1, …, where it is no axis of numbers; else empty
   */
  record Axis(String title, boolean logarithmic, double least, double most, List<String> categories) {

    static Axis linear(String title, double least, double most) {
      return new Axis(title, false, least, most, List.of());
    }

    static Axis logarithmic(String title, double least, double most) {
      return new Axis(title, true, least, most, List.of());
    }

    static Axis of(String title, List<String> categories) {
      return new Axis(title, false, -0.5, categories.size() - 0.5, categories);
    }
  }

  /**
   * A line.
   *
   * @param series which one it belongs to, from 0: its place in the legend
   * @param name unique in its panel
   * @param main whether it is the series' line, and not a thin one beside it
   * @param points by rising x; at least one
   */
  record Line(int series, String name, boolean main, List<Point> points) {}

  /**
   * A point.
   *
   * @param bar half the length of the bar through it; NaN where it has none
   */
  record Point(double x, double y, double bar) {}
}
