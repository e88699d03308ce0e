package io.nlar.bench.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What inherits nothing, the BOM and the examples' poms, has the versions that the build has. */
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
    assertTrue(modules.removeAll(Set.of("nlar-bom", "examples", "nlar-spark-train")),
        "the BOM is a module; examples and the command of Spark are not published");
    assertEquals(modules, found(bom, "<dependency><groupId>io.nlar</groupId><artifactId>(.*?)</artifactId>"));
    String version = version(parent.substring(0, parent.indexOf("<name>")));
    assertEquals(Set.of(version), found(bom.substring(bom.indexOf("<artifactId>")), "<version>([^$]*?)</version>"));
    assertEquals(Set.of(version), found(Files.readString(Path.of("..", "README.md")), "nlar-bom:(.*?)\""));
  }

  /** What tools/consumer-check builds is what README says. */
  @Test
  void thePlainExampleHasTheCoordinatesOfReadme() throws Exception {
    String readme = Files.readString(Path.of("..", "README.md"));
    String coordinates = readme.substring(readme.indexOf("```xml") + 6, readme.indexOf("```", readme.indexOf("```xml") + 6));
    assertTrue(coordinates.contains("nlar-bom"), coordinates);
    String pom = Files.readString(Path.of("..", "examples", "plain", "pom.xml"));
    assertTrue(pom.replaceAll("\\s", "").contains(coordinates.replaceAll("\\s", "")), () -> pom + " has not " + coordinates);
  }

  /** And it is built by the commands of README. */
  @Test
  void theCommandsOfReadmeAreRun() throws Exception {
    String readme = Files.readString(Path.of("..", "README.md"));
    String check = Files.readString(Path.of("..", "tools", "consumer-check"));
    Set<String> shown = found(readme, "mvn install -DskipTests -pl (\\S+) -am\n");
    Set<String> installed = found(check, "\nmodules=(\\S+)\n");
    assertEquals(1, shown.size());
    assertEquals(1, installed.size());
    assertTrue(check.contains("-DskipTests -pl \"$modules\" -am install\n"), "consumer-check installs something else");
    assertTrue(Set.of(installed.iterator().next().split(",")).containsAll(Set.of(shown.iterator().next().split(","))),
        () -> installed + " should have all of " + shown);
    assertEquals(Set.of("compile exec:exec"), found(readme, "```sh\nmvn ((?!install).*)\n```"));
    assertTrue(check.contains("\"${maven[@]}\" compile exec:exec)"), "consumer-check does not run it");
  }

  @Test
  void theExamplesTakeTheVersionsOfTheBuild() throws Exception {
    String parent = Files.readString(Path.of("..", "pom.xml"));
    String build = version(parent.substring(0, parent.indexOf("<name>")));
    for (String example : List.of("plain", "djl", "tribuo")) {
      String pom = Files.readString(Path.of("..", "examples", example, "pom.xml"));
      assertEquals(build, versionOf(pom, "nlar-bom"), example);
      for (String plugin : List.of("compiler", "resources")) {
        assertEquals(property(parent, "plugin." + plugin), versionOf(pom, "maven-" + plugin + "-plugin"), example);
      }
      assertEquals(property(parent, "plugin.exec"), versionOf(pom, "exec-maven-plugin"), example);
    }
    String djl = Files.readString(Path.of("..", "examples", "djl", "pom.xml"));
    assertEquals(property(parent, "djl.version"), versionOf(djl, "pytorch-engine"));
    assertEquals(property(parent, "djl.pytorch.version") + "-" + property(parent, "djl.version"), versionOf(djl, "pytorch-jni"));
    assertEquals(property(parent, "djl.pytorch.version"), versionOf(djl, "pytorch-native-cpu"));
    assertEquals(property(parent, "slf4j.version"), versionOf(djl, "slf4j-jdk14"));
    String tribuo = Files.readString(Path.of("..", "examples", "tribuo", "pom.xml"));
    assertEquals(property(parent, "tribuo.version"), versionOf(tribuo, "tribuo-classification-sgd"));
  }

  private static String version(String text) {
    return found(text, "<version>(.*?)</version>").iterator().next();
  }

  private static String property(String pom, String name) {
    return found(pom, "<" + Pattern.quote(name) + ">(.*?)</").iterator().next();
  }

  private static String versionOf(String pom, String artifact) {
    return found(pom, "<artifactId>" + artifact + "</artifactId>\\s*<version>(.*?)</version>").iterator().next();
  }
}
