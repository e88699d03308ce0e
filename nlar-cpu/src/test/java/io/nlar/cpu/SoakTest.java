package io.nlar.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.testkit.process.ChildJava;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Long runs leave no memory and no threads behind. */
@Tag("slow")
@EnabledOnOs(value = OS.LINUX, disabledReason = "memory and threads are read from /proc")
class SoakTest {
  /** What compilers, collectors and the C library's own caches may come to need; our own memory is counted exactly. */
  private static final long SLACK = 24L << 20;
  /** A heap that is resident from the start: pages that are committed and touched later would look like a leak. */
  private static final List<String> HEAP = List.of("-Xms256m", "-Xmx256m", "-XX:+AlwaysPreTouch");

  /** Bytes resident and held by the backend, and its threads. */
  private record Reading(long resident, long held, int threads) {
    private static Reading of(String output, String when) {
      Matcher found = Pattern.compile(when + ": resident (\\d+) held (\\d+) threads (\\d+)").matcher(output);
      assertTrue(found.find(), output);
      return new Reading(Long.parseLong(found.group(1)), Long.parseLong(found.group(2)), Integer.parseInt(found.group(3)));
    }
  }

  private static String soak(String what) throws Exception {
    return ChildJava.run(Soak.class, Map.of(), HEAP, List.of(what), Duration.ofMinutes(5));
  }

  @Test
  void aHundredThousandStepsNeedNoMoreMemoryThanTheFirst() throws Exception {
    String output = soak("steps");
    assertNothingGrew(output);
    assertTrue(output.contains("applied: " + Soak.STEPS), output);
  }

  @Test
  void tenThousandCyclesOfOpeningAndClosingLeaveNothing() throws Exception {
    String output = soak("cycles");
    assertNothingGrew(output);
    assertEquals(0, Reading.of(output, "after").threads, output);
  }

  private static void assertNothingGrew(String output) {
    Reading before = Reading.of(output, "before");
    Reading after = Reading.of(output, "after");
    assertEquals(before.held, after.held, output);
    assertEquals(before.threads, after.threads, output);
    assertTrue(after.resident - before.resident < SLACK, output);
  }
}
