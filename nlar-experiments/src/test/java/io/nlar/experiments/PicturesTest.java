package io.nlar.experiments;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.experiments.Figure.Axis;
import io.nlar.experiments.Figure.Line;
import io.nlar.experiments.Figure.Panel;
import io.nlar.experiments.Figure.Point;
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
      int colour = Palette.colour(i).getRGB();
      assertTrue(IntStream.of(pixels).filter(pixel -> pixel == colour).count() > 100, names.get(i));
    }
  }
}
