package io.nlar.bench.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.testkit.docs.Snippets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the README shows is compiled and run. */
class ReadmeTest {
  private static final Path README = Path.of("..", "README.md");

  @TempDir
  Path folder;

  private static List<String> blocks() throws Exception {
    return Snippets.blocks(README);
  }

  private String run(String name, String source) throws Exception {
    return Snippets.run(folder, name, source);
  }

  @Test
  void theTenLinesFindTheirTarget() throws Exception {
    String printed = run("Fit", blocks().get(0));
    double[] found = Stream.of(printed.replaceAll("[\\[\\]\\s]", "").split(","))
        .mapToDouble(Double::parseDouble).toArray();
    double[] target = {3, -1, 2};
    for (int i = 0; i < target.length; i++) {
      assertEquals(target[i], found[i], 1e-3, printed);
    }
  }

  @Test
  void theEmbeddingExampleUpdatesTheCallersMemoryAndSavesItsState() throws Exception {
    String source = """
        import io.nlar.*;
        import java.lang.foreign.*;
        import java.nio.file.*;
        import java.util.List;

        public class Embed {
          public static void main(String[] args) throws Exception {
            MemorySegment values = MemorySegment.ofArray(new float[] {1, 2});
            MemorySegment gradients = MemorySegment.ofArray(new float[] {0.5f, 0});
        %s
            System.out.println(values.getAtIndex(ValueLayout.JAVA_FLOAT, 0));
          }
        }
        """.formatted(blocks().get(1).replace("state.safetensors",
            folder.resolve("state.safetensors").toString().replace("\\", "\\\\")));
    double moved = Double.parseDouble(run("Embed", source).strip());
    assertEquals(1 - 0.1 * 0.5, moved, 1e-6);
    assertTrue(Files.size(folder.resolve("state.safetensors")) > 0);
  }
}
