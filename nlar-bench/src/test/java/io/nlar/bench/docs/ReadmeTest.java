package io.nlar.bench.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the README shows is compiled and run. */
class ReadmeTest {
  private static final Pattern JAVA_BLOCK = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL);

  @TempDir
  Path folder;

  private static List<String> blocks() throws Exception {
    Path readme = Path.of("..", "README.md");
    Matcher matcher = JAVA_BLOCK.matcher(Files.readString(readme));
    return matcher.results().map(result -> result.group(1)).toList();
  }

  private String run(String name, String source) throws Exception {
    Path file = Files.writeString(folder.resolve(name + ".java"), source);
    ByteArrayOutputStream messages = new ByteArrayOutputStream();
    int status = ToolProvider.getSystemJavaCompiler().run(null, messages, messages, "-d", folder.toString(),
        "-classpath", System.getProperty("java.class.path"), file.toString());
    assertEquals(0, status, messages.toString(StandardCharsets.UTF_8));
    PrintStream before = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
      System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
      loader.loadClass(name).getMethod("main", String[].class).invoke(null, (Object) new String[0]);
    } finally {
      System.setOut(before);
    }
    return printed.toString(StandardCharsets.UTF_8);
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
