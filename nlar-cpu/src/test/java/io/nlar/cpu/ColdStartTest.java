package io.nlar.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.cpu.kernel.Takeover;
import io.nlar.testkit.process.ChildJava;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A fresh JVM need not wait for vector kernels to be compiled. */
@Timeout(180)
class ColdStartTest {

  private record Start(long milliseconds, boolean rehearsed, int bits) {
    private static Start with(String vectorsAfter, String wait) throws Exception {
      String output = ChildJava.run(ColdStart.class, Map.of(), List.of("-D" + Takeover.PROPERTY + "=" + vectorsAfter),
          List.of(wait), Duration.ofSeconds(60));
      Matcher found = Pattern.compile("milliseconds: (\\d+)\\s+rehearsed: (\\w+)\\s+bits: (-?\\d+)").matcher(output);
      assertTrue(found.find(), output);
      return new Start(Long.parseLong(found.group(1)), Boolean.parseBoolean(found.group(2)),
          Integer.parseInt(found.group(3)));
    }
  }

  @Test
  void shortRunsTakeAFractionOfWhatVectorKernelsWouldAndTheBitsAreTheSame() throws Exception {
    Assumptions.assumeTrue(CpuSettings.read().vectorBits() > 0, "there are no vector kernels");
    Start atOnce = Start.with("0", "go on");
    Start usual = Start.with("", "go on");
    Start takenOver = Start.with("1000000", "wait");
    assertEquals(atOnce.bits, usual.bits);
    assertEquals(atOnce.bits, takenOver.bits);
    assertTrue(takenOver.rehearsed, "no kernel was rehearsed");
    // As measured: a fifth.
    assertTrue(usual.milliseconds < atOnce.milliseconds / 2, usual + " " + atOnce);
  }
}
