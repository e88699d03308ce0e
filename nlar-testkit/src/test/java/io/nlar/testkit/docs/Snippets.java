package io.nlar.testkit.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;

/** The Java that a document shows, compiled and run. */
public final class Snippets {
  private static final Pattern JAVA_BLOCK = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL);

  private Snippets() {}

  /** The blocks of Java in a document, in order. */
  public static List<String> blocks(Path document) throws Exception {
    return JAVA_BLOCK.matcher(Files.readString(document)).results().map(result -> result.group(1)).toList();
  }

  /** The one block of Java in a document that has a word. */
  public static String block(Path document, String word) throws Exception {
    List<String> blocks = blocks(document).stream().filter(block -> block.contains(word)).toList();
    assertEquals(1, blocks.size(), document + " has so many blocks with '" + word + "'");
    return blocks.getFirst();
  }

  /** Compiles a class into a folder, runs its main method, and returns what that prints. */
  public static String run(Path folder, String name, String source) throws Exception {
    compile(folder, name, source);
    PrintStream before = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    try (URLClassLoader loader = loader(folder)) {
      System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
      loader.loadClass(name).getMethod("main", String[].class).invoke(null, (Object) new String[0]);
    } finally {
      System.setOut(before);
    }
    return printed.toString(StandardCharsets.UTF_8);
  }

  /** Compiles a class into a folder, and returns what its static method without arguments does. */
  public static Object call(Path folder, String name, String source, String method) throws Exception {
    compile(folder, name, source);
    try (URLClassLoader loader = loader(folder)) {
      return loader.loadClass(name).getMethod(method).invoke(null);
    }
  }

  private static void compile(Path folder, String name, String source) throws Exception {
    Path file = Files.writeString(folder.resolve(name + ".java"), source);
    ByteArrayOutputStream messages = new ByteArrayOutputStream();
    int status = ToolProvider.getSystemJavaCompiler().run(null, messages, messages, "-d", folder.toString(),
        "-classpath", System.getProperty("java.class.path"), file.toString());
    assertEquals(0, status, messages.toString(StandardCharsets.UTF_8));
  }

  private static URLClassLoader loader(Path folder) throws Exception {
    return new URLClassLoader(new URL[] {folder.toUri().toURL()});
  }
}
