package io.nlar.experiments;

import io.nlar.cli.OutputFile;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.font.FontRenderContext;
import java.awt.geom.AffineTransform;
import java.awt.image.BufferedImage;
import java.util.List;
import javax.imageio.ImageIO;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.markers.Marker;

/** Several charts in one picture, under a common title and legend. */
final class Panels {
  private static final int SCALE = 2;
  private static final int TITLE_HEIGHT = 40;
  private static final int LEGEND_HEIGHT = 34;
  private static final int MARGIN = 16;
  /** Width of a line's sample in the legend, and the gap behind its name. */
  private static final int SAMPLE = 52;
  private static final int GAP = 26;
  private static final Font TITLE = new Font(Font.SANS_SERIF, Font.BOLD, 18);
  private static final Font LEGEND = new Font(Font.SANS_SERIF, Font.PLAIN, 15);

  private Panels() {}

  /**
   * Writes a PNG.
   *
   * @param columns charts side by side
   * @param legend names of the series in order, empty for one that is not drawn
   * @param note what the lines are, beside the legend; may be empty
   */
  static void write(OutputFile file, String title, List<String> legend, String note, List<? extends Chart<?, ?>> charts,
      int columns) {
    int width = charts.getFirst().getWidth();
    int height = charts.getFirst().getHeight();
    int rows = (charts.size() + columns - 1) / columns;
    int shown = Math.min(columns, charts.size());
    int head = TITLE_HEIGHT + LEGEND_HEIGHT;
    int canvas = Math.max(shown * width, Math.max(width(TITLE, title), legendWidth(legend, note)));
    BufferedImage image = new BufferedImage(SCALE * (canvas + 2 * MARGIN),
        SCALE * (rows * height + head + MARGIN), BufferedImage.TYPE_INT_RGB);
    Graphics2D g = image.createGraphics();
    try {
      g.setColor(Color.WHITE);
      g.fillRect(0, 0, image.getWidth(), image.getHeight());
      g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
      g.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
      g.scale(SCALE, SCALE);
      g.setColor(Color.BLACK);
      g.setFont(TITLE);
      g.drawString(title, MARGIN, TITLE_HEIGHT - 12);
      legend(g, legend, note);
      AffineTransform base = g.getTransform();
      for (int i = 0; i < charts.size(); i++) {
        g.setTransform(base);
        g.translate(MARGIN + i % columns * width, head + i / columns * height);
        charts.get(i).paint(g, width, height);
      }
    } finally {
      g.dispose();
    }
    ImageIO.setUseCache(false); // which would be a file in Java's temporary folder
    file.write(png -> ImageIO.write(image, "png", png));
  }

  private static int width(Font font, String text) {
    return (int) Math.ceil(font.getStringBounds(text, new FontRenderContext(null, true, true)).getWidth());
  }

  private static int legendWidth(List<String> names, String note) {
    return names.stream().filter(name -> !name.isEmpty()).mapToInt(name -> SAMPLE + width(LEGEND, name) + GAP).sum()
        + width(LEGEND, note);
  }

  private static void legend(Graphics2D g, List<String> names, String note) {
    int x = MARGIN;
    int y = TITLE_HEIGHT + LEGEND_HEIGHT / 2 - 4;
    g.setFont(LEGEND);
    for (int i = 0; i < names.size(); i++) {
      if (names.get(i).isEmpty()) {
        continue;
      }
      g.setColor(Palette.colour(i));
      g.setStroke(Palette.line(i, 2.2f));
      g.drawLine(x, y, x + 44, y);
      Marker marker = Palette.marker(i);
      marker.paint(g, x + 22, y, 9);
      g.setColor(Color.BLACK);
      g.drawString(names.get(i), x + SAMPLE, y + 5);
      x += SAMPLE + width(LEGEND, names.get(i)) + GAP;
    }
    g.setColor(Color.DARK_GRAY);
    g.drawString(note, x, y + 5);
  }
}
