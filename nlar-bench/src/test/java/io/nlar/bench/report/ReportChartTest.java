package io.nlar.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.DType;
import io.nlar.DeviceInfo;
import io.nlar.bench.contest.Kind;
import io.nlar.bench.contest.RaceSpec;
import io.nlar.bench.contest.Workload;
import io.nlar.bench.harness.Outcome;
import io.nlar.bench.harness.Samples;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

/** The chart's pixels. */
class ReportChartTest {
  private static final DeviceInfo CPU = new DeviceInfo(
      "cpu", 0, "A processor", 1L << 34, EnumSet.allOf(DType.class), DeviceInfo.HostMemory.NATIVE);
  /** The colours of the second and third entrant. */
  private static final int FAST = 0xd55e00;
  private static final int SLOW = 0x009e73;

  private static RaceReport race(long size, double spread) {
    Entry roof = new Entry("passes", Kind.ROOFLINE, 40);
    Entry fast = new Entry("Nlarcm", Kind.STEP, 40);
    Entry slow = new Entry("a step with a long name", Kind.STEP, 40);
    RaceSpec spec = new RaceSpec("a race", RaceSpec.Subject.STEPS, new Workload(CPU, DType.FLOAT32, size, 2),
        List.of(roof, fast, slow));
    return RaceReport.of(spec, new Outcome(List.of(samples(roof, 800 * size, 0), samples(fast, 1000 * size, spread),
        samples(slow, 2500 * size, 0)), Map.of(), 3), List.of(), Duration.ofMillis(1));
  }

  private static Samples samples(Entry entry, double nanos, double spread) {
    double[] times = new double[15];
    Arrays.setAll(times, round -> nanos * (1 + spread * (round - 7) / 7));
    return new Samples(entry.name(), 1, times);
  }

  private static BufferedImage image(RaceReport... races) throws IOException {
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    ReportChart.write(png, List.of(races));
    return ImageIO.read(new ByteArrayInputStream(png.toByteArray()));
  }

  /** Length of the longest horizontal run of a colour in the left half, where the times are. */
  private static int longest(BufferedImage image, int colour) {
    int longest = 0;
    for (int y = 0; y < image.getHeight(); y++) {
      int run = 0;
      for (int x = 0; x < image.getWidth() / 2; x++) {
        run = (image.getRGB(x, y) & 0xffffff) == colour ? run + 1 : 0;
        longest = Math.max(longest, run);
      }
    }
    return longest;
  }

  /** The first row in which a colour is seen. */
  private static int row(BufferedImage image, int colour) {
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth() / 2; x++) {
        if ((image.getRGB(x, y) & 0xffffff) == colour) {
          return y;
        }
      }
    }
    return -1;
  }

  @Test
  void aSingleSizeHasBarsAsLongAsTheTimesTheFastestStepFirst() throws IOException {
    BufferedImage image = image(race(1000, 0));
    double ratio = longest(image, SLOW) / (double) longest(image, FAST);
    assertEquals(2.5, ratio, 0.05);
    assertTrue(0 < row(image, FAST) && row(image, FAST) < row(image, SLOW));
    assertTrue(image.getHeight() < 300, "no space for what is not there");
  }

  @Test
  void theIntervalIsDrawnBeyondTheBar() throws IOException {
    int steady = black(image(race(1000, 0)), FAST);
    int restless = black(image(race(1000, 0.5)), FAST);
    assertTrue(restless > steady + 20, restless + " against " + steady);
  }

  /** Black pixels in the row that goes through the middle of a bar, where its whisker is. */
  private static int black(BufferedImage image, int colour) {
    int middle = row(image, colour) + 9;
    int count = 0;
    for (int x = 0; x < image.getWidth() / 2; x++) {
      int pixel = image.getRGB(x, middle) & 0xffffff;
      count += pixel == 0 ? 1 : 0;
    }
    return count;
  }

  @Test
  void severalSizesHaveLines() throws IOException {
    BufferedImage image = image(race(1000, 0), race(2000, 0));
    assertEquals(600, image.getHeight());
    assertTrue(row(image, 0x0072b2) > 0, "the first step's line, in the first colour");
  }
}
