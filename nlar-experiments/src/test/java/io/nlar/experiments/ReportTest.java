package io.nlar.experiments;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.jr.ob.JSON;
import io.nlar.cli.ExitCode;
import io.nlar.cli.Main;
import io.nlar.testkit.contract.Required;
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The report in a real browser, with JavaScript and without. Skipped where there is no Chromium, unless
 * {@code -Dnlar.require=chromium}.
 */
@Tag("slow")
class ReportTest {
  private static final int PATIENCE_SECONDS = 120;
  /** The grid's in the charts; the drawn pictures have it in dashes, which scaling mixes with white. */
  private static final int GRID = 0xdddddd;

  /**
   * Uses the second figure's charts as a reader would: hides the first series and shows it again, drags a frame, and clicks
   * twice. What is seen in between goes into the page, which the browser prints.
   */
  private static final String READER = """
      <script>
      const seen = {};
      try {
        const figures = [...document.querySelectorAll("figure")];
        seen.figures = figures.map((f) => f.charts?.length ?? 0);
        seen.imagesShown = figures.filter((f) => getComputedStyle(f.querySelector("img")).display !== "none").length;
        const figure = figures[1];
        const u = figure.charts[0];
        const ink = () => {
          const pixels = u.ctx.getImageData(0, 0, u.ctx.canvas.width, u.ctx.canvas.height).data;
          let count = 0;
          for (let i = 0; i < pixels.length; i += 4) {
            // The first series' colour, #d55e00, and what smoothing leaves of it.
            count += pixels[i + 3] > 128 && pixels[i] > 180 && pixels[i + 2] < 60 ? 1 : 0;
          }
          return count;
        };
        const canvasSize = () => u.ctx.canvas.width + " x " + u.ctx.canvas.height;
        const settle = () => new Promise((done) => setTimeout(done, 100));
        // On a busy machine a chart may be drawn later.
        const until = async (met) => {
          for (let i = 0; i < 50 && !met(); i++) {
            await settle();
          }
        };
        const range = () => [u.scales.x.min, u.scales.x.max, u.scales.y.min, u.scales.y.max];
        const over = figure.querySelector(".u-over");
        const mouse = (target, type, x, y) => {
          const frame = over.getBoundingClientRect();
          target.dispatchEvent(new MouseEvent(type, {bubbles: true, button: 0, detail: 1, movementX: 9, movementY: 9,
            clientX: frame.left + x * frame.width, clientY: frame.top + y * frame.height}));
        };
        (async () => {
          await settle();
          seen.home = range();
          // On a busy machine a page gets its size late, and its charts are drawn over: compared is what clicks draw at one size.
          let size;
          for (let i = 0; i < 5 && size !== canvasSize(); i++) {
            size = canvasSize();
            figure.querySelector("button").click();
            await settle();
            await until(() => ink() === 0);
            figure.querySelector("button").click();
            await settle();
            await until(() => ink() > 0);
            await settle();
            seen.inkShown = ink();
            figure.querySelector("button").click();
            await settle();
            await until(() => ink() === 0);
            seen.inkHidden = ink();
            seen.hidden = figure.charts.map((c) => !c.series[1].show);
            seen.rangeHidden = range();
            figure.querySelector("button").click();
            await settle();
            await until(() => ink() === seen.inkShown);
            seen.inkAgain = ink();
            (seen.sizes ??= []).push(size);
          }
          mouse(over, "mouseenter", 0.25, 0.25);
          mouse(over, "mousemove", 0.25, 0.25);
          mouse(over, "mousedown", 0.25, 0.25);
          mouse(over, "mousemove", 0.75, 0.5);
          await settle();
          seen.readout = figure.querySelector("output").textContent;
          mouse(document, "mouseup", 0.75, 0.5);
          await settle();
          seen.zoomed = range();
          mouse(over, "dblclick", 0.5, 0.5);
          await settle();
          seen.back = range();
          seen.loaded = performance.getEntriesByType("resource").filter((e) => !e.name.startsWith("data:")).length;
          document.body.dataset.seen = JSON.stringify(seen);
        })();
      } catch (failure) {
        document.body.dataset.seen = JSON.stringify({failure: String(failure.stack)});
      }
      </script></body>""";

  @TempDir
  private static Path folder;
  private static String browser;
  private static Path report;

  @BeforeAll
  static void aReport() throws IOException {
    browser = Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
        .flatMap(place -> List.of("chromium", "chromium-browser", "google-chrome").stream().map(name -> Path.of(place, name)))
        .filter(Files::isExecutable).map(Path::toString).findFirst().orElse(null);
    if (browser == null && Required.isRequired("chromium")) {
      fail("-D" + Required.PROPERTY + " demands chromium, and there is none on the path");
    }
    Assumptions.assumeTrue(browser != null, "there is no Chromium");
    StringWriter err = new StringWriter();
    Path out = folder.resolve("out");
    assertEquals(ExitCode.OK, Main.run(new PrintWriter(new StringWriter(), true), new PrintWriter(err, true), "train",
        "--optimizers", "nlarsm,nlarcm,adam", "--rates", "1e-3,1e-2", "--seeds", "1,2", "--epochs", "4", "--out",
        out.toString()), err::toString);
    report = out.resolve(HtmlReport.NAME);
  }

  /** What the browser prints; it runs as root too, in which it has no sandbox, for a page that is our own. */
  private static String browse(Path page, String... options) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(browser, "--headless=new", "--no-sandbox", "--disable-gpu",
        "--disable-dev-shm-usage", "--hide-scrollbars", "--window-size=1200,2400",
        "--user-data-dir=" + folder.resolve("profile")));
    command.addAll(List.of(options));
    command.add(page.toUri().toString());
    File printed = folder.resolve("printed").toFile();
    Process process = new ProcessBuilder(command).redirectError(folder.resolve("messages").toFile())
        .redirectOutput(printed).start();
    try {
      assertTrue(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS), "the browser did not come to its end");
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    return Files.readString(printed.toPath());
  }

  /** How many pixels of a screenshot have exactly this colour. */
  private static long pixels(Path screenshot, int colour) throws IOException {
    BufferedImage image = ImageIO.read(screenshot.toFile());
    return Arrays.stream(image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth()))
        .filter(pixel -> (pixel & 0xffffff) == colour).count();
  }

  @SuppressWarnings("unchecked")
  private static List<Object> list(Map<String, Object> seen, String key) {
    return (List<Object>) seen.get(key);
  }

  private static double[] range(Map<String, Object> seen, String key) {
    return list(seen, key).stream().mapToDouble(number -> ((Number) number).doubleValue()).toArray();
  }

  private static int number(Map<String, Object> seen, String key) {
    return ((Number) seen.get(key)).intValue();
  }

  @Test
  void seriesAreHiddenFramesZoomedAndNothingIsLoaded() throws Exception {
    Path used = folder.resolve("used.html");
    Files.writeString(used, Files.readString(report).replace("</body>", READER));
    String page = browse(used, "--virtual-time-budget=20000", "--dump-dom");
    int at = page.indexOf("data-seen=\"");
    assertTrue(at > 0, "the script came to no end");
    String text = page.substring(at + 11, page.indexOf('"', at + 11)).replace("&quot;", "\"").replace("&amp;", "&");
    Map<String, Object> seen = JSON.std.mapFrom(text);
    assertEquals(List.of(2, 2, 2), list(seen, "figures"), text);
    assertEquals(0, number(seen, "imagesShown"), text);
    assertTrue(number(seen, "inkShown") > 100 && number(seen, "inkAgain") == number(seen, "inkShown"), text);
    assertEquals(0, number(seen, "inkHidden"), text);
    assertEquals(List.of(true, true), list(seen, "hidden"), "in all panels");
    double[] home = range(seen, "home");
    assertEquals(List.of(0.0, 4.0, 0.0, 100.0), Arrays.stream(home).boxed().toList());
    assertTrue(Arrays.equals(home, range(seen, "rangeHidden")), text);
    double[] zoomed = range(seen, "zoomed");
    double[] expected = {1, 3, 50, 75};
    for (int i = 0; i < 4; i++) {
      assertEquals(expected[i], zoomed[i], i < 2 ? 0.05 : 1, text);
    }
    assertTrue(Arrays.equals(home, range(seen, "back")), text);
    assertTrue(seen.get("readout").toString().matches("3: nlarsm [\\d.]+, nlarcm [\\d.]+, adam [\\d.]+"), text);
    assertEquals(0, number(seen, "loaded"), "nothing from elsewhere");
  }

  @Test
  void withoutJavaScriptTheDrawnPicturesAreSeen() throws Exception {
    // Scripts are forbidden by the page: the browser's own switch for that stops its screenshots too.
    Path page = folder.resolve("without.html");
    Files.writeString(page, Files.readString(report).replace("<head>",
        "<head><meta http-equiv=\"Content-Security-Policy\" content=\"script-src 'none'\">"));
    Path with = folder.resolve("with.png");
    Path without = folder.resolve("without.png");
    browse(report, "--virtual-time-budget=5000", "--screenshot=" + with);
    browse(page, "--virtual-time-budget=5000", "--screenshot=" + without);
    for (Path screenshot : List.of(with, without)) {
      for (int series = 0; series < 3; series++) {
        int colour = Palette.colour(series).getRGB() & 0xffffff;
        assertTrue(pixels(screenshot, colour) > 100, "series " + series + " in " + screenshot);
      }
    }
    long drawn = pixels(without, GRID);
    long charts = pixels(with, GRID);
    assertTrue(charts > 4 * drawn, charts + " against " + drawn + ": charts where scripts run, drawn pictures where not");
  }
}
