package io.nlar.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.cpu.kernel.Takeover;
import io.nlar.testkit.process.ChildJava;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Kernels are compiled, and well, in a program that works on vectors itself: what the JVM learns of the Vector API's methods
 * there must not tell in them.
 */
@Timeout(1600)
class OtherVectorsTest {

  private static final int MORE = 2;
  /** A line of -XX:+PrintCompilation up to the compiler's level. */
  private static final Pattern LEVEL = Pattern.compile("^ *\\d+ +\\d+ [%sbn! ]* ([0-4]) ");

  /** One JVM in which something is allocated is followed by two in which nothing may be: see {@link AllocationTest}. */
  @Test
  void kernelsAllocateNothingInAProgramWithVectorsOfAnotherShape() throws Exception {
    int bits = CpuSettings.read().vectorBits();
    Assumptions.assumeTrue(bits > 64, "there are no vector kernels");
    String found = allocations(bits / 2);
    for (int jvm = 1; jvm <= MORE && !found.isEmpty(); jvm++) {
      String again = allocations(bits / 2);
      assertTrue(again.isEmpty(), found + "\n" + again);
    }
  }

  private static String allocations(int bits) throws Exception {
    String output = ChildJava.run(OtherVectors.class, Map.of(),
        List.of("-Xmx512m", "-XX:+PrintCompilation", "-D" + Takeover.PROPERTY + "=0"), List.of(Integer.toString(bits)),
        Duration.ofSeconds(500));
    assertTrue(output.contains(OtherVectors.DONE), output);
    List<String> skipped = output.lines()
        .filter(line -> line.contains("COMPILE SKIPPED") && line.contains("io.nlar.cpu.kernel"))
        .filter(line -> !line.contains("invalidated dependencies")).toList(); // that is compiled anew
    assertEquals(List.of(), skipped.stream().filter(line -> LEVEL.matcher(line).replaceFirst("$1").startsWith("4")).toList(),
        "the second compiler gave up");
    // What the first one begins, it gives up: SecondCompiler.
    List<String> begun = output.lines().filter(line -> line.matches(".* io\\.nlar\\.cpu\\.kernel\\.(?!Sums)\\w+PackedVector/\\w+::run .*"))
        .map(line -> LEVEL.matcher(line).replaceFirst("$1"))
        .filter(line -> line.matches("[123].*") && !line.contains("COMPILE SKIPPED")).toList();
    assertEquals(begun.size(), skipped.size(), begun + " " + skipped);
    int found = output.indexOf(OtherVectors.ALLOCATES);
    return found < 0 ? "" : output.substring(found);
  }
}
