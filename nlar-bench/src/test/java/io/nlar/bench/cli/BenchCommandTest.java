package io.nlar.bench.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchCommandTest {
  @TempDir
  private Path folder;

  private Run bench(String... arguments) {
    String[] all = new String[arguments.length + 6];
    System.arraycopy(arguments, 0, all, 6, arguments.length);
    System.arraycopy(new String[] {"bench", "--quick", "--json", folder.resolve("b.json").toString(), "--chart",
        folder.resolve("b.png").toString()}, 0, all, 0, 6);
    return Run.of(all);
  }

  @Test
  @SuppressWarnings("unchecked")
  void givesTableJsonAndChart() throws IOException {
    Run run = bench("--backend", "cpu", "--size", "1Ki,4Ki", "--no-peers");
    assertEquals(ExitCode.OK, run.status(), run.err());
    assertTrue(run.out().contains("% of roofline"), run.out());
    assertTrue(run.out().contains("both passes, no arithmetic"), run.out());

    Map<String, Object> json = JSON.std.mapFrom(Files.readString(folder.resolve("b.json")));
    assertEquals(Set.of("date", "machine", "settings", "races"), json.keySet());
    assertTrue(((Map<String, Object>) json.get("machine")).containsKey("processor"));
    List<Map<String, Object>> races = (List<Map<String, Object>>) json.get("races");
    assertEquals(List.of(1024, 4096, 4096, 4096), races.stream().map(race -> race.get("parameters")).toList());
    for (Map<String, Object> result : (List<Map<String, Object>>) races.getFirst().get("results")) {
      Map<String, Object> time = (Map<String, Object>) result.get("nanosPerParameter");
      double low = (double) time.get("low");
      double median = (double) time.get("median");
      assertTrue(0 < low && low <= median && median <= (double) time.get("high"), result.toString());
      assertEquals(15, ((List<?>) result.get("nanosPerRun")).size());
      double gigabytes = (double) ((Map<String, Object>) result.get("gigabytesPerSecond")).get("median");
      assertEquals((double) result.get("bytesPerParameter") / median, gigabytes, 1e-9 * gigabytes);
    }

    var image = ImageIO.read(folder.resolve("b.png").toFile());
    assertTrue(image.getWidth() > 1000 && image.getHeight() >= 500, image.toString());
  }

  @Test
  void sizesBeyondMemoryAreRefusedBeforeAnythingIsAllocated() {
    Run run = bench("--backend", "cpu", "--size", "1Ti");
    assertEquals(ExitCode.FAILED, run.status());
    assertTrue(run.err().contains("1 Ti parameters of FLOAT32 on cpu:0 take 8.00 TiB values and gradients"), run.err());
    assertTrue(run.err().contains("take a smaller --size"), run.err());
    assertFalse(Files.exists(folder.resolve("b.json")));
  }

  @Test
  void anUnwritableFileIsSaidBeforeTheRun() {
    Run run = Run.of("bench", "--backend", "cpu", "--json", folder.resolve("absent/b.json").toString());
    assertEquals(ExitCode.FAILED, run.status());
    assertTrue(run.err().contains("cannot write " + folder.resolve("absent/b.json")), run.err());
    assertEquals("", run.out());
  }

  @Test
  void unknownBackendsSizesAndContradictionsAreRefused() {
    Run unknown = bench("--backend", "tpu");
    assertEquals(ExitCode.FAILED, unknown.status());
    assertTrue(unknown.err().contains("there is no backend 'tpu'"), unknown.err());
    assertEquals(ExitCode.USAGE, bench("--size", "0").status());
    assertEquals(ExitCode.USAGE, bench("--size", "many").status());
    assertEquals(ExitCode.USAGE, bench("--full").status());
  }
}
