package io.nlar.cpu;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.testkit.process.ChildJava;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The way from a step to the kernels is short: engine, pass, kernel. */
class CallDepthTest {
  private static final int FROM_RUN = 8;
  private static final int FROM_A_WORKERS_LOOP = 5;

  @Test
  void fewCallsLeadToTheKernels() throws IOException, InterruptedException {
    String output = ChildJava.run(CallDepth.class, Map.of(),
        List.of("-Xint", "-XX:+UnlockDiagnosticVMOptions", "-XX:+ShowHiddenFrames"), List.of(), Duration.ofSeconds(60));
    assertDepths(output, "caller", FROM_RUN);
    assertDepths(output, "caller with scalars", FROM_RUN);
    assertDepths(output, "worker", FROM_A_WORKERS_LOOP);
  }

  private static void assertDepths(String output, String from, int most) {
    MatchResult found = Pattern.compile("^" + from + " \\{sums=(\\d+), update=(\\d+)\\}$", Pattern.MULTILINE)
        .matcher(output).results().findFirst().orElseThrow(() -> new AssertionError(output));
    assertTrue(Integer.parseInt(found.group(1)) <= most && Integer.parseInt(found.group(2)) <= most, output);
  }
}
