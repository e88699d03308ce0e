package io.nlar.bench.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The BOM, which inherits nothing, knows every module in the version that the build has. */
class BomTest {

  private static Set<String> found(String text, String pattern) {
    return Pattern.compile(pattern).matcher(text).results().map((MatchResult result) -> result.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void itNamesEveryModuleInTheVersionOfTheBuild() throws Exception {
    String parent = Files.readString(Path.of("..", "pom.xml"));
    String bom = Files.readString(Path.of("..", "nlar-bom", "pom.xml"));
    Set<String> modules = found(parent, "<module>(.*?)</module>");
    assertTrue(modules.remove("nlar-bom"), "the BOM is a module");
    assertEquals(modules, found(bom, "<dependency><groupId>io.nlar</groupId><artifactId>(.*?)</artifactId>"));
    String version = found(parent.substring(0, parent.indexOf("<name>")), "<version>(.*?)</version>").iterator().next();
    assertEquals(Set.of(version), found(bom.substring(bom.indexOf("<artifactId>")), "<version>([^$]*?)</version>"));
    assertEquals(Set.of(version), found(Files.readString(Path.of("..", "README.md")), "nlar-bom:(.*?)\""));
  }
}
