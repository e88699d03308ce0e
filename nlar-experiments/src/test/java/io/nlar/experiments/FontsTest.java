package io.nlar.experiments;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.cli.ExitCode;
import io.nlar.cli.Main;
import io.nlar.testkit.process.ChildJava;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training where Java finds no fonts, since fontconfig cannot be loaded. */
class FontsTest {
  @TempDir
  private Path folder;

  @Test
  void thereIsAReportWithoutPicturesAndItIsSaidFirst() throws Exception {
    Assumptions.assumeTrue(System.getProperty("os.name").equals("Linux"), "other systems have no fontconfig");
    Path libraries = Files.createDirectories(folder.resolve("lib"));
    Files.createFile(libraries.resolve("libfontconfig.so.1"));
    Files.createFile(libraries.resolve("libfontconfig.so"));
    Path said = folder.resolve("said");
    Path results = folder.resolve("out");
    List<String> options = new ArrayList<>(List.of("-Duser.home=" + folder));
    for (String name : List.of("DJL_CACHE_DIR", "ai.djl.offline", "ai.djl.pytorch.num_threads")) {
      options.add("-D" + name + "=" + System.getProperty(name));
    }
    ProcessBuilder builder = ChildJava.of(Main.class, options, List.of("train", "--optimizers", "nlarcm", "--rates", "0.1",
        "--seeds", "1", "--epochs", "1", "--out", results.toString())).redirectErrorStream(true)
        .redirectOutput(said.toFile());
    builder.environment().put("LD_LIBRARY_PATH", libraries.toString());
    int status = builder.start().waitFor();
    String text = Files.readString(said);
    assertEquals(ExitCode.NO_PICTURES, status, text);
    assertTrue(text.contains("apt-get install -y fontconfig"), text);
    assertTrue(text.indexOf("there will be no pictures") < text.indexOf("1 runs of 1 epochs"), text);
    String page = Files.readString(results.resolve(HtmlReport.NAME));
    assertTrue(page.contains("Test accuracy"), page);
    assertFalse(page.contains("<img"), page);
    assertTrue(page.contains("<script type=\"application/json\">{\"legend\":"), "what the browser draws needs no fonts of Java");
    assertFalse(Files.exists(results.resolve(Pictures.file(Figures.CURVES))));
    assertEquals(1, new RunLog(results, Measure.ACCURACY).read().size());
  }
}
