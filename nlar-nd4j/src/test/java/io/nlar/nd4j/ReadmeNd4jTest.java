package io.nlar.nd4j;

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
import org.nd4j.autodiff.samediff.TrainingConfig;

/** What the README shows of ND4J is compiled and run. */
class ReadmeNd4jTest {
  private static final Pattern BLOCK = Pattern.compile("```java\\n([^`]*NlarUpdater[^`]*)```");

  @TempDir
  Path folder;

  @Test
  void theConfigurationTakesTheUpdater() throws Exception {
    Matcher block = BLOCK.matcher(Files.readString(Path.of("..", "README.md")));
    assertTrue(block.find(), "the README's block on ND4J");
    Path file = Files.writeString(folder.resolve("Configure.java"), """
        import io.nlar.StepConfig;
        import io.nlar.nd4j.NlarUpdater;
        import org.nd4j.autodiff.samediff.TrainingConfig;

        public class Configure {
          public static TrainingConfig config() {
        %s
            return training;
          }
        }
        """.formatted(block.group(1)));
    ByteArrayOutputStream messages = new ByteArrayOutputStream();
    int status = ToolProvider.getSystemJavaCompiler().run(null, messages, messages, "-d", folder.toString(),
        "-classpath", System.getProperty("java.class.path"), file.toString());
    assertEquals(0, status, messages.toString(StandardCharsets.UTF_8));
    try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
      Object config = loader.loadClass("Configure").getMethod("config").invoke(null);
      assertInstanceOf(NlarUpdater.class, ((TrainingConfig) config).getUpdater());
    }
  }
}
