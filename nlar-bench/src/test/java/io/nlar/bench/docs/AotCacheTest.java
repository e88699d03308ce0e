package io.nlar.bench.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.testkit.docs.Snippets;
import io.nlar.testkit.process.ChildJava;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The recipe for an AOT cache in docs/embedding.md, line by line, in a folder of jars, for the ten lines of README as the trainer. */
@EnabledOnOs(value = {OS.LINUX, OS.MAC}, disabledReason = "the recipe is for a shell")
class AotCacheTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir
  private Path folder;

  /** lib/ holds Nlar and a program that prints the bits of what it trained. */
  @BeforeEach
  void jars() throws Exception {
    Path library = Files.createDirectory(folder.resolve("lib"));
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      Path path = Path.of(entry);
      if (entry.matches(".*/nlar-(api|cpu)/target/classes")) {
        jar(library.resolve(path.getParent().getParent().getFileName() + ".jar"), path);
      } else if (entry.matches(".*/nlar-(api|cpu)-\\d[^/]*(?<!tests)\\.jar")) {
        Files.copy(path, library.resolve(path.getFileName()));
      }
    }
    String trainer = Snippets.block(Path.of("..", "README.md"), "class Fit").replace("class Fit", "class Trainer")
        .replace("Arrays.toString(weights)", "Arrays.hashCode(weights)");
    Path classes = Files.createDirectory(folder.resolve("classes"));
    assertTrue(Snippets.run(classes, "Trainer", trainer).strip().matches("-?\\d+"));
    jar(library.resolve("trainer.jar"), classes);
  }

  private static void jar(Path file, Path classes) {
    assertEquals(0, ToolProvider.findFirst("jar").orElseThrow()
        .run(System.out, System.err, "-c", "-f", file.toString(), "-C", classes.toString(), "."));
  }

  /** The recipe's lines. */
  private static List<String> recipe() throws IOException {
    List<String> lines = Pattern.compile("^java .*-XX:AOT.*$", Pattern.MULTILINE)
        .matcher(Files.readString(Path.of("..", "docs", "embedding.md"))).results().map(found -> found.group()).toList();
    assertEquals(2, lines.size(), lines.toString());
    return lines;
  }

  /** Runs a line with this JDK; returns what the trainer prints. */
  private String run(String line, String options) throws IOException, InterruptedException {
    ProcessBuilder shell = new ProcessBuilder("sh", "-c", line).directory(folder.toFile());
    shell.environment().putAll(Map.of("JDK_JAVA_OPTIONS", options,
        "PATH", Path.of(System.getProperty("java.home"), "bin") + File.pathSeparator + System.getenv("PATH")));
    String output = ChildJava.run(shell, PATIENCE);
    return output.lines().filter(text -> text.matches("-?\\d+")).findFirst().orElseThrow(() -> new AssertionError(output));
  }

  @Test
  void theSecondStartTakesItsClassesFromTheCacheAndGivesTheSameBits() throws Exception {
    Path cache = folder.resolve("trainer.aot");
    Path loaded = folder.resolve("loaded.log");
    List<String> recipe = recipe();
    String expected = run(recipe.getFirst(), "");
    assertTrue(Files.size(cache) > 1 << 20, "the first start writes the cache");
    assertEquals(expected, run(recipe.getLast(), "-Xlog:class+load:file=" + loaded));
    String step = Files.readString(loaded).lines().filter(text -> text.contains(" io.nlar.ArrayStep source:")).findFirst().orElseThrow();
    assertTrue(step.contains("shared objects file"), step);
  }
}
