package io.nlar.experiments;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.experiments.Figure.Axis;
import io.nlar.experiments.Figure.Line;
import io.nlar.experiments.Figure.Panel;
import io.nlar.experiments.Figure.Point;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PicturesTest {
  @TempDir
  Path folder;

  /** A legend that is longer than the picture is wide goes on below. */
  @Test
  void aLegendOfManySeriesHasThemAll() throws IOException {
    List<String> names = IntStream.range(0, 12).mapToObj(i -> "a series of the long name " + i).toList();
    Panel panel = new Panel("panel", Axis.linear("x", 0, 1), Axis.linear("y", 0, 1),
        List.of(new Line(0, "line", true, List.of(new Point(0, 0, Double.NaN), new Point(1, 1, Double.NaN)))), 460, 330);
    Pictures.write(folder, new Figure("many", "Many", "title", names, "note", List.of(panel), 1));
    BufferedImage picture = ImageIO.read(folder.resolve(Pictures.file("many")).toFile());
    assertEquals(2 * (1000 + 2 * 16), picture.getWidth());
    int[] pixels = picture.getRGB(0, 0, picture.getWidth(), picture.getHeight(), null, 0, picture.getWidth());
    for (int i = 0; i < names.size(); i++) {
      Color colour = Palette.colour(i);
      assertTrue(IntStream.of(pixels).filter(pixel -> alike(new Color(pixel), colour)).count() > 50, names.get(i));
    }
  }

  /** Edges are smoothed. */
  private static boolean alike(Color a, Color b) {
    return Math.abs(a.getRed() - b.getRed()) + Math.abs(a.getGreen() - b.getGreen()) + Math.abs(a.getBlue() - b.getBlue()) < 30;
  }

  /** Grid lines stand over names; so must what belongs to them, whichever series it is of. */
  @Test
  void pointsStandOverTheirNames() throws IOException {
    List<String> names = List.of("a", "b", "c", "d", "e", "f"); // the seventh series is black, as text is
    List<Line> lines = IntStream.range(0, names.size())
        .mapToObj(i -> new Line(i, names.get(i), true, List.of(new Point(i, 0.5, 0)))).toList();
    Panel panel = new Panel("panel", Axis.of("x", names), Axis.linear("y", 0, 1), lines, 640, 330);
    Pictures.write(folder, new Figure("names", "Names", "title", names, "note", List.of(panel), 1));
    BufferedImage picture = ImageIO.read(folder.resolve(Pictures.file("names")).toFile());
    int top = picture.getHeight() / 2; // below the legend
    for (int i = 0; i < names.size(); i++) {
      int colour = Palette.colour(i).getRGB();
      double column = IntStream.range(0, picture.getWidth()).filter(x -> IntStream.range(top, picture.getHeight())
          .anyMatch(y -> picture.getRGB(x, y) == colour)).average().orElseThrow();
      assertTrue(IntStream.rangeClosed((int) column - 2, (int) column + 2).anyMatch(x -> IntStream
          .range(top, picture.getHeight()).filter(y -> (picture.getRGB(x, y) & 0xffffff) == 0xdddddd).count() > 20),
          names.get(i) + " stands at " + column + ", beside its name");
    }
  }
}
