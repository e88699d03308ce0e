package io.nlar.cpu;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.cpu.kernel.Takeover;
import io.nlar.testkit.process.ChildJava;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Kernels are compiled, and well, in a program that works on vectors itself: what the JVM learns of the Vector API's methods
 * there must not tell in them.
 */
@Timeout(620)
class OtherVectorsTest {

  private static final int MORE = 2;

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
        Duration.ofSeconds(200));
    assertTrue(output.contains(OtherVectors.DONE), output);
    List<String> given = output.lines()
        .filter(line -> line.contains("COMPILE SKIPPED") && line.contains("io.nlar.cpu.kernel")).toList();
    assertTrue(given.isEmpty(), "a compiler gave up: " + given);
    int found = output.indexOf(OtherVectors.ALLOCATES);
    return found < 0 ? "" : output.substring(found);
  }
}
