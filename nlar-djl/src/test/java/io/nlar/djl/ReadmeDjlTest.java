package io.nlar.djl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import ai.djl.training.DefaultTrainingConfig;
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

/** What the README shows of DJL is compiled and run. */
class ReadmeDjlTest {
  private static final Pattern BLOCK = Pattern.compile("```java\\n([^`]*NlarOptimizer[^`]*)```");

  @TempDir
  Path folder;

  @Test
  void theConfigurationTakesTheOptimizer() throws Exception {
    Matcher block = BLOCK.matcher(Files.readString(Path.of("..", "README.md")));
    assertEquals(true, block.find(), "the README's block on DJL");
    Path file = Files.writeString(folder.resolve("Configure.java"), """
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
        """.formatted(block.group(1)));
    ByteArrayOutputStream messages = new ByteArrayOutputStream();
    int status = ToolProvider.getSystemJavaCompiler().run(null, messages, messages, "-d", folder.toString(),
        "-classpath", System.getProperty("java.class.path"), file.toString());
    assertEquals(0, status, messages.toString(StandardCharsets.UTF_8));
    try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
      Object config = loader.loadClass("Configure").getMethod("config").invoke(null);
      assertInstanceOf(NlarOptimizer.class, ((DefaultTrainingConfig) config).getOptimizer());
    }
  }
}
