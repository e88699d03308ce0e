package io.nlar.tribuo;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.testkit.docs.Snippets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tribuo.classification.sgd.linear.LinearSGDTrainer;

/** What the README shows of Tribuo is compiled and run. */
class ReadmeTribuoTest {
  @TempDir
  Path folder;

  @Test
  void theTrainerTakesTheOptimiser() throws Exception {
    Object trainer = Snippets.call(folder, "Make", """
        import io.nlar.StepConfig;
        import io.nlar.tribuo.NlarOptimiser;
        import org.tribuo.classification.sgd.linear.LinearSGDTrainer;
        import org.tribuo.classification.sgd.objectives.LogMulticlass;

        public class Make {
          public static LinearSGDTrainer trainer() {
        %s
            return trainer;
          }
        }
        """.formatted(Snippets.block(Path.of("..", "README.md"), "NlarOptimiser")), "trainer");
    assertTrue(assertInstanceOf(LinearSGDTrainer.class, trainer).toString().contains("NlarOptimiser("), trainer::toString);
  }
}
