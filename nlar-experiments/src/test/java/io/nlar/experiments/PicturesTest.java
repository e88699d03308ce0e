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
}
