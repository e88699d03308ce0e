package io.nlar.bench.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.ArrayStep;
import io.nlar.StepConfig;
import io.nlar.testkit.docs.Snippets;
import java.io.ByteArrayOutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What docs/embedding.md shows is compiled and run. */
class EmbeddingTest {
  private static final String AROUND = """
      import io.nlar.*;
      import java.lang.foreign.*;
      import java.nio.channels.*;
      import java.nio.file.*;
      import java.util.*;
      import java.util.zip.*;

      public class %s {
        public static void main(String[] args) throws Exception {
          float[] values = {3, -1, 2, 0.5f};
          float[] gradients = {0.5f, 0.25f, -1, 0};
          String before = Arrays.toString(values);
      %s
          System.out.println("moved: " + !before.equals(Arrays.toString(values)) + " " + Arrays.toString(values));
        }
      }
      """;

  @TempDir
  Path folder;

  private List<String> run() throws Exception {
    List<String> printed = new ArrayList<>();
    for (String block : Snippets.blocks(Path.of("..", "docs", "embedding.md"))) {
      String name = "Snippet" + printed.size();
      printed.add(Snippets.run(folder, name, AROUND.formatted(name, block)));
    }
    return printed;
  }

  @Test
  void everySnippetDoesWhatThePageSays() throws Exception {
    List<String> printed = run();
    assertEquals(9, printed.size());
    assertTrue(printed.get(0).contains("vectors of") || printed.get(0).contains("scalar"), printed.get(0));
    assertTrue(printed.get(0).contains("moved: true"), printed.get(0));
    assertTrue(printed.get(2).contains("20 steps applied, 0 skipped; norm "), printed.get(2));
    assertTrue(printed.get(2).contains("moved: true"), printed.get(2));
    assertTrue(printed.get(3).contains("moved: true"), printed.get(3));
    assertTrue(printed.get(4).contains("loss scale 8192.0; 97 steps applied, 3 skipped"), printed.get(4));
    assertTrue(printed.get(5).contains("moved: true"), printed.get(5));
    assertTrue(printed.get(6).contains("moved: true"), printed.get(6));
    assertTrue(printed.get(7).contains("moved: true"), printed.get(7));
    assertEquals(StepConfig.nlarcm().withLearningRate(1e-3), StepConfig.parse(printed.get(8).lines().findFirst().orElseThrow()));
  }

  @Test
  void theChecksumIsWhereThePageSays() throws Exception {
    ByteArrayOutputStream state = new ByteArrayOutputStream();
    try (ArrayStep step = ArrayStep.builder(StepConfig.nlarcm()).add("w", new float[1], new float[1]).open()) {
      step.save(Channels.newChannel(state));
    }
    String text = state.toString(StandardCharsets.ISO_8859_1);
    assertTrue(text.substring(40, 104).matches("[0-9a-f]{64}") && text.startsWith("\":\"", 37) && text.startsWith("\"", 104),
        text.substring(0, 120));
  }
}
