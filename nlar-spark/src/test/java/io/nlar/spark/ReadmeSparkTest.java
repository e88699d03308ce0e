package io.nlar.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.nlar.testkit.docs.Snippets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the pages show of Spark compiles; what it does, the other tests show. */
class ReadmeSparkTest {
  @TempDir
  Path folder;

  @Test
  void theTrainingCompiles() throws Exception {
    for (String page : new String[] {"README.md", "docs/distributed.md"}) {
      assertEquals("compiled", Snippets.call(folder, "Train", """
          import io.nlar.StepConfig;
          import io.nlar.spark.SparkTraining;
          import io.nlar.spark.TrainingResult;
          import java.util.Map;
          import org.apache.spark.api.java.JavaSparkContext;

          public class Train {
            static double loss(long step, int microBatch, Map<String, float[]> values, Map<String, float[]> gradients) {
              return 0;
            }

            static TrainingResult train(JavaSparkContext context, Map<String, float[]> initialValues) {
          %s
              return result;
            }

            public static String compiled() {
              return "compiled";
            }
          }
          """.formatted(Snippets.block(Path.of("..", page), "SparkTraining")), "compiled"));
    }
  }
}
