package io.nlar.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.cpu.kernel.Takeover;
import io.nlar.testkit.process.ChildJava;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A fresh JVM need not wait for vector kernels to be compiled. */
@Timeout(180)
class ColdStartTest {

  /** What opening a device, the first step, and the first 400 may take, in milliseconds of processor time. */
  private static final long DEVICE = 150;
  private static final long FIRST = 60;
  /** 320 on a Xeon with AVX-512, where vector kernels from the start take 1500. Other machines may be half as fast. */
  private static final long STEPS = 600;
  /**
   * On slower or busier machines either may take this part of what it takes there with vector kernels from the start. As measured
   * a fifth, where nothing else runs; up to two fifths where the compilers' threads wait for other programs.
   */
  private static final long PART = 2;
  /** Processes of which the quickest counts: other programs on the machine slow down all of them now and then. */
  private static final int TRIES = 6;

  /** Processor times in milliseconds. */
  private record Start(long device, long first, long steps, boolean rehearsed, int bits) {
    private static Start with(String vectorsAfter, String wait) throws Exception {
      String output = ChildJava.run(ColdStart.class, Map.of(), List.of("-D" + Takeover.PROPERTY + "=" + vectorsAfter),
          List.of(wait), Duration.ofSeconds(60));
      Matcher found = Pattern.compile("device: (\\d+)\\s+first: (\\d+)\\s+steps: (\\d+)\\s+rehearsed: (\\w+)\\s+bits: (-?\\d+)")
          .matcher(output);
      assertTrue(found.find(), output);
      return new Start(Long.parseLong(found.group(1)), Long.parseLong(found.group(2)), Long.parseLong(found.group(3)),
          Boolean.parseBoolean(found.group(4)), Integer.parseInt(found.group(5)));
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
    assertTrue(usual.steps < atOnce.steps / PART, usual + " " + atOnce);
  }

  /** Each within its bound at least once. */
  @Test
  void openingAndTheFirstStepsTakeNoLongerThanTheyMay() throws Exception {
    List<Start> starts = new ArrayList<>();
    do {
      starts.add(Start.with("", "go on"));
    } while (starts.size() < TRIES && !(least(starts, Start::device) <= DEVICE && least(starts, Start::first) <= FIRST
        && least(starts, Start::steps) <= STEPS));
    assertTrue(least(starts, Start::device) <= DEVICE, () -> "Backends.open: " + starts);
    long first = least(starts, Start::first);
    long steps = least(starts, Start::steps);
    if (first > FIRST || steps > STEPS) {
      Start atOnce = Start.with("0", "go on");
      assertTrue(first <= Math.max(FIRST, atOnce.first / PART), () -> "the first step: " + starts + ", with vector kernels " + atOnce);
      assertTrue(steps <= Math.max(STEPS, atOnce.steps / PART), () -> ColdStart.STEPS + " steps: " + starts + ", with vector kernels " + atOnce);
    }
  }

  private static long least(List<Start> starts, ToLongFunction<Start> time) {
    return starts.stream().mapToLong(time).min().orElseThrow();
  }
}
