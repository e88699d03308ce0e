package io.nlar.bench.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.nlar.testkit.docs.Snippets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What docs/successor.md shows is compiled and run: evaluating changes the values, training on changes them back. */
class SuccessorTest {
  private static final String AROUND = """
      import io.nlar.*;
      import java.lang.foreign.MemorySegment;
      import java.util.*;

      public class Successor {
        public static void main(String[] args) {
          float[] values = {3, -1, 2, 0.5f};
          float[] gradients = {0.5f, 0.25f, -1, 0};
          try (Device device = Backends.open("cpu")) {
            List<Parameter> parameters = List.of(new Parameter("w", device.wrap(DType.FLOAT32, MemorySegment.ofArray(values)),
                device.wrap(DType.FLOAT32, MemorySegment.ofArray(gradients))));
      %s
            System.out.println(Arrays.equals(trained, values));
          }
        }
      }
      """;

  @TempDir
  private Path folder;

  @Test
  void itsSnippetEvaluatesAndTrainsOn() throws Exception {
    String block = Snippets.block(Path.of("..", "docs", "successor.md"), "step.evaluate()");
    String training = "for (int t = 0; t < 20; t++) step.run(); float[] trained = values.clone(); //";
    String looking = "System.out.println(Arrays.equals(trained, values)); step.train();";
    String printed = Snippets.run(folder, "Successor",
        AROUND.formatted(block.replaceFirst("(?m)^…", training).replace("step.train();", looking)));
    assertEquals("false true", printed.strip().replaceAll("\\s+", " "));
  }
}
