package io.nlar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The packages lie in layers: what backends implement knows nothing of what is built on it. */
class PackagesTest {
  private static final Path SOURCES = Path.of("src/main/java/io/nlar");
  /** What a package must not know: the layers above it. */
  private static final Map<String, List<String>> ABOVE = Map.of(
      "spi", List.of("internal", "spi.device", "spi.queue"),
      "internal", List.of("spi.device", "spi.queue"),
      "spi/device", List.of("spi.queue"));

  private static List<String> violations(Map<String, List<String>> above) {
    List<String> found = new ArrayList<>();
    above.forEach((folder, forbidden) -> {
      try (Stream<Path> files = Files.list(SOURCES.resolve(folder))) {
        for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
          String text = Files.readString(file);
          for (String name : forbidden) {
            if (Pattern.compile("\\bio\\.nlar\\." + Pattern.quote(name) + "\\.[A-Z]").matcher(text).find()) {
              found.add(folder + "/" + file.getFileName() + " knows " + name);
            }
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    });
    return found;
  }

  @Test
  void noLayerKnowsTheOnesAbove() {
    assertEquals(List.of(), violations(ABOVE));
  }

  @Test
  void whatIsKnownIsSeen() {
    assertTrue(violations(Map.of("spi/device", List.of("internal")))
        .contains("spi/device/AbstractDevice.java knows internal"));
  }

  /** Lines of all modules that ask whether a type is a certain one: a new type would silently count as the other. */
  private static List<String> askingForOneType(Pattern question) {
    try (Stream<Path> files = Files.walk(Path.of(".."))) {
      List<String> found = new ArrayList<>();
      for (Path file : files.filter(f -> f.toString().matches(".*/src/main/java/.*\\.java")).toList()) {
        Files.readAllLines(file).stream().filter(line -> question.matcher(line).find())
            .forEach(line -> found.add(file.getFileName() + ": " + line.strip()));
      }
      return found;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Refusing all types but one is another thing. */
  @Test
  void elementTypesAreToldApartBySwitchesOverAll() {
    assertEquals(List.of(), askingForOneType(Pattern.compile("== DType\\.[A-Z]")));
    assertTrue(askingForOneType(Pattern.compile("case FLOAT32 ->")).size() > 5, "what stands there is found");
  }
}
