package io.nlar.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.DType;
import io.nlar.StepConfig;
import io.nlar.Storage;
import io.nlar.spi.RulePlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What compilers other than this machine's would stumble over. */
class SourcesTest {
  private static final Path RESOURCES = Path.of("src/main/resources/io/nlar/opencl");

  /** A C99 function that is only inline may be compiled as a call of a function that is nowhere. */
  @Test
  void inlineFunctionsAreStatic() {
    Pattern bare = Pattern.compile("(?<!static )\\binline\\b.*");
    for (String source : List.of(Sources.CHECK, Sources.REDUCE, Sources.apply("nlarcm"), Sources.apply("adamw"))) {
      assertEquals(List.of(), bare.matcher(source).results().map(found -> found.group()).toList());
    }
  }

  /** What a work-group shares is an argument: as a local variable PoCL 3.1 may share it between work-groups too. */
  @Test
  void noKernelHasLocalVariables() {
    Pattern variable = Pattern.compile("__local \\w+ \\*?\\w+(\\[\\w+\\])?( =.*)?;");
    for (String source : List.of(Sources.CHECK, Sources.REDUCE, Sources.apply("nlarcm"), Sources.apply("adamw"))) {
      assertEquals(List.of(), variable.matcher(source).results().map(found -> found.group()).toList());
    }
    assertTrue(variable.matcher("  __local uint verdict[1];").find());
  }

  /** A compiler's message leads to the line in question, also behind a file that was included. */
  @Test
  void everyLineIsTheOneThatTheCompilerWillName() throws IOException {
    Pattern directive = Pattern.compile("#line (\\d+) \"(.+)\"");
    Path file = null;
    int number = 0;
    int compared = 0;
    for (String line : Sources.apply("nlarcm").split("\n", -1)) {
      Matcher found = directive.matcher(line);
      if (found.matches()) {
        file = RESOURCES.resolve(found.group(2));
        number = Integer.parseInt(found.group(1));
      } else if (file != null) {
        List<String> lines = List.of(Files.readString(file).split("\n", -1));
        if (number <= lines.size()) {
          assertEquals(lines.get(number - 1), line, file + " " + number);
          compared++;
        }
        number++;
      }
    }
    assertTrue(compared > 300, compared + " lines compared");
  }

  /** Behind its name a rule's file is all that a rule takes. */
  @Test
  void everyRuleHasItsFile() {
    for (StepConfig config : List.of(
        StepConfig.nlarsm(), StepConfig.nlarcm(), StepConfig.nlarpm(), StepConfig.nlarbb(), StepConfig.adamw(),
        StepConfig.nadamw(), StepConfig.lion(), StepConfig.scheduleFree(), StepConfig.nlarsf())) {
      String source = Sources.apply(config.rule().name());
      assertTrue(source.contains("rule_scalars("), config.rule().name());
      assertTrue(source.contains("FORM_" + RulePlan.of(config, Storage.of(DType.FLOAT32), 1).form().toUpperCase(Locale.ROOT)));
    }
  }
}
