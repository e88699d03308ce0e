package io.nlar.experiments;

import io.nlar.cli.OutputFile;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.font.FontRenderContext;
import java.awt.geom.AffineTransform;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
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
  /** However narrow the charts are. */
  private static final int LEAST_WIDTH = 1000;
  private static final int NOTE = -1;
  private static final Font TITLE = new Font(Font.SANS_SERIF, Font.BOLD, 18);
  private static final Font LEGEND = new Font(Font.SANS_SERIF, Font.PLAIN, 15);

  /** What stands in the legend: a series, or the {@link #NOTE}. */
  private record Entry(int series, String text, int width) {}

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
    int canvas = Math.max(shown * width, Math.max(width(TITLE, title), LEAST_WIDTH));
    List<List<Entry>> keys = legend(legend, note, canvas);
    int head = TITLE_HEIGHT + LEGEND_HEIGHT * keys.size();
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
      legend(g, keys);
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

  /** The legend in rows that fit; the note comes last. */
  private static List<List<Entry>> legend(List<String> names, String note, int canvas) {
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      if (!names.get(i).isEmpty()) {
        entries.add(new Entry(i, names.get(i), SAMPLE + width(LEGEND, names.get(i)) + GAP));
      }
    }
    entries.add(new Entry(NOTE, note, width(LEGEND, note)));
    List<List<Entry>> rows = new ArrayList<>(List.of(new ArrayList<>()));
    int x = 0;
    for (Entry entry : entries) {
      if (x > 0 && x + entry.width > canvas) {
        rows.add(new ArrayList<>());
        x = 0;
      }
      rows.getLast().add(entry);
      x += entry.width;
    }
    return rows;
  }

  private static void legend(Graphics2D g, List<List<Entry>> rows) {
    int y = TITLE_HEIGHT + LEGEND_HEIGHT / 2 - 4;
    g.setFont(LEGEND);
    for (List<Entry> row : rows) {
      int x = MARGIN;
      for (Entry entry : row) {
        if (entry.series == NOTE) {
          g.setColor(Color.DARK_GRAY);
          g.drawString(entry.text, x, y + 5);
        } else {
          g.setColor(Palette.colour(entry.series));
          g.setStroke(Palette.line(entry.series, 2.2f));
          g.drawLine(x, y, x + 44, y);
          Marker marker = Palette.marker(entry.series);
          marker.paint(g, x + 22, y, 9);
          g.setColor(Color.BLACK);
          g.drawString(entry.text, x + SAMPLE, y + 5);
        }
        x += entry.width;
      }
      y += LEGEND_HEIGHT;
    }
  }
}
