package io.nlar.djl;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import ai.djl.training.DefaultTrainingConfig;
import io.nlar.testkit.docs.Snippets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the README shows of DJL is compiled and run. */
class ReadmeDjlTest {
  @TempDir
  Path folder;

  @Test
  void theConfigurationTakesTheOptimizer() throws Exception {
    Object config = Snippets.call(folder, "Configure", """
        import ai.djl.training.DefaultTrainingConfig;
        import ai.djl.training.loss.Loss;
        import io.nlar.StepConfig;
        import io.nlar.djl.NlarOptimizer;

        public class Configure {
          public static DefaultTrainingConfig config() {
        %s
            return config;
          }
        }
        """.formatted(Snippets.block(Path.of("..", "README.md"), "NlarOptimizer")), "config");
    assertInstanceOf(NlarOptimizer.class, ((DefaultTrainingConfig) config).getOptimizer());
  }
}
