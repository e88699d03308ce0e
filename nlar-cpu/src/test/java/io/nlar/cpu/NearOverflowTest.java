package io.nlar.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.testkit.process.ChildJava;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Steps that are begun near the end of the caller's stack. In JVMs of their own, which hang where it goes wrong. */
class NearOverflowTest {
  private static final Pattern OUTCOME = Pattern.compile("(\\d+) ran, (\\d+) refused, (\\d+) poisoned");

  @ParameterizedTest
  @CsvSource({"-Xint, 1, 20", "-XX:TieredStopAtLevel=1, 3, 7", "-XX:+TieredCompilation, 3, 7"})
  void aStepRunsAsAWholeOrNotAtAll(String mode, String rounds, String stride) throws IOException, InterruptedException {
    String output = ChildJava.run(NearOverflow.class, Map.of(), List.of(mode), List.of(rounds, stride),
        Duration.ofSeconds(120));
    Matcher outcome = OUTCOME.matcher(output);
    assertTrue(outcome.find(), output);
    assertTrue(Integer.parseInt(outcome.group(1)) > 0 && Integer.parseInt(outcome.group(2)) > 0, output);
    assertEquals(0, Integer.parseInt(outcome.group(3)), output);
  }
}
