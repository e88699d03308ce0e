package io.nlar.tribuo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tribuo.classification.sgd.linear.LinearSGDTrainer;

/** What the README shows of Tribuo is compiled and run. */
class ReadmeTribuoTest {
  private static final Pattern BLOCK = Pattern.compile("```java\\n([^`]*NlarOptimiser[^`]*)```");

  @TempDir
  Path folder;

  @Test
  void theTrainerTakesTheOptimiser() throws Exception {
    Matcher block = BLOCK.matcher(Files.readString(Path.of("..", "README.md")));
    assertTrue(block.find(), "the README's block on Tribuo");
    Path file = Files.writeString(folder.resolve("Make.java"), """
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
        """.formatted(block.group(1)));
    ByteArrayOutputStream messages = new ByteArrayOutputStream();
    int status = ToolProvider.getSystemJavaCompiler().run(null, messages, messages, "-d", folder.toString(),
        "-classpath", System.getProperty("java.class.path"), file.toString());
    assertEquals(0, status, messages.toString(StandardCharsets.UTF_8));
    try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
      Object trainer = loader.loadClass("Make").getMethod("trainer").invoke(null);
      assertTrue(assertInstanceOf(LinearSGDTrainer.class, trainer).toString().contains("NlarOptimiser("), trainer::toString);
    }
  }
}
