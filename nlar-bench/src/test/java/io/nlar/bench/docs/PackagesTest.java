package io.nlar.bench.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Which package of this module may know which: those of a lower layer. */
class PackagesTest {
  private static final Path SOURCES = Path.of("src/main/java/io/nlar/bench");
  private static final Map<String, Integer> LAYERS = Map.of("harness", 0, "contest", 1, "cpu", 2, "cuda", 2,
      "opencl", 2, "peer", 2, "report", 3, "command", 4, "jmh", 4);
  private static final Pattern NAME = Pattern.compile("io\\.nlar\\.bench\\.([a-z]+)\\.[A-Z]");

  @Test
  void eachKnowsOnlyThoseBelow() throws IOException {
    TreeSet<String> wrong = new TreeSet<>();
    int seen = 0;
    try (Stream<Path> files = Files.walk(SOURCES, 2)) {
      for (Path file : (Iterable<Path>) files.filter(file -> file.toString().endsWith(".java"))::iterator) {
        String own = file.getParent().getFileName().toString();
        List<String> others = NAME.matcher(Files.readString(file)).results().map(found -> found.group(1))
            .filter(name -> !name.equals(own)).toList();
        seen += others.size();
        others.stream().filter(other -> LAYERS.get(other) >= LAYERS.get(own))
            .forEach(other -> wrong.add(own + " knows " + other + ": " + file.getFileName()));
      }
    }
    assertTrue(seen > 0, "no names were found");
    assertEquals(new TreeSet<>(), wrong);
  }
}
