package io.nlar.nd4j;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.nlar.testkit.docs.Snippets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.autodiff.samediff.TrainingConfig;

/** What the README shows of ND4J is compiled and run. */
class ReadmeNd4jTest {
  @TempDir
  Path folder;

  @Test
  void theConfigurationTakesTheUpdater() throws Exception {
    Object config = Snippets.call(folder, "Configure", """
        import io.nlar.StepConfig;
        import io.nlar.nd4j.NlarUpdater;
        import org.nd4j.autodiff.samediff.TrainingConfig;

        public class Configure {
          public static TrainingConfig config() {
        %s
            return training;
          }
        }
        """.formatted(Snippets.block(Path.of("..", "README.md"), "NlarUpdater")), "config");
    assertInstanceOf(NlarUpdater.class, ((TrainingConfig) config).getUpdater());
  }
}
