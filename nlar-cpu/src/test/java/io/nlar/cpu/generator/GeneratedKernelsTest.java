package io.nlar.cpu.generator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.cpu.kernel.ApplyKernel;
import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.MethodModel;
import java.lang.classfile.attribute.CodeAttribute;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The kernels that are checked in, and the language that they are made from. */
class GeneratedKernelsTest {
  private static final Path KERNELS = Path.of("src/kernels");
  private static final Path GENERATED = Path.of("src/generated/java");

  @Test
  void whatIsCheckedInIsWhatTheRulesSay() throws IOException {
    Map<String, String> expected = new TreeMap<>(KernelGenerator.all(KERNELS));
    Map<String, String> found = new TreeMap<>();
    try (Stream<Path> files = Files.walk(GENERATED)) {
      for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
        found.put(GENERATED.relativize(file).toString().replace('\\', '/'), Files.readString(file));
      }
    }
    assertEquals(expected.keySet(), found.keySet(), "run nlar-cpu/build-kernels");
    expected.forEach((file, text) -> assertEquals(text, found.get(file), file + ": run nlar-cpu/build-kernels"));
  }

  /** The JVM compiles no method of 8000 bytes or more (HugeMethodLimit). */
  @Test
  void noKernelIsTooLargeToBeCompiled() throws IOException {
    int looked = 0;
    for (String kernel : KernelGenerator.all(KERNELS).keySet()) {
      try (InputStream in = ApplyKernel.class.getModule().getResourceAsStream(kernel.replace(".java", ".class"))) {
        for (MethodModel method : ClassFile.of().parse(in.readAllBytes()).methods()) {
          int length = method.findAttribute(Attributes.code()).map(CodeAttribute::codeLength).orElse(0);
          assertTrue(length < 8000, length + " bytes: " + kernel + ", " + method.methodName());
          looked++;
        }
      }
    }
    assertTrue(looked > 100, looked + " methods");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      theta = theta - x;                           | what is x?
      theta = theta % g;                           | no operator REMAINDER
      if (g < 0) { theta = g; } else { theta = 0; } | no else
      if (g < 0) { store(GRADIENT, g); }           | only some lanes
      while (g < 0) { theta = g; }                 | no WHILE_LOOP
      missing();                                   | no method missing()
      """)
  void whatTheLanguageDoesNotHaveIsNamed(String statement, String problem, @TempDir Path folder) throws IOException {
    Files.createDirectories(folder.resolve("rules"));
    Files.copy(KERNELS.resolve("Element.java"), folder.resolve("Element.java"));
    for (String template : List.of("ApplyVector.txt", "ApplyScalar.txt", "SumsVector.txt", "SumsScalar.txt",
        "ProductsVector.txt", "ProductsScalar.txt")) {
      Files.copy(KERNELS.resolve(template), folder.resolve(template));
    }
    Files.writeString(folder.resolve("rules/Wrong.java"),
        "final class Wrong extends Element { void update() { " + statement + " } }");
    String message = assertThrows(IllegalArgumentException.class, () -> KernelGenerator.all(folder)).getMessage();
    assertTrue(message.contains(problem.strip()), message);
  }
}
