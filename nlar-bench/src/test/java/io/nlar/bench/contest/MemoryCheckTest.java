package io.nlar.bench.contest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.DType;
import io.nlar.DeviceInfo;
import io.nlar.StepConfig;
import io.nlar.bench.command.Yardsticks;
import io.nlar.bench.contest.RaceSpec.Subject;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MemoryCheckTest {
  private static final DeviceInfo CPU = device("cpu", DeviceInfo.HostMemory.NATIVE);
  private static final DeviceInfo SHARING = device("opencl", DeviceInfo.HostMemory.NATIVE);
  private static final DeviceInfo GPU = device("cuda", DeviceInfo.HostMemory.NONE);
  private static final NlarStep NLARCM = new NlarStep("Nlarcm", StepConfig.nlarcm());
  private static final NlarStep NLARSM = new NlarStep("Nlarsm", StepConfig.nlarsm());

  private static DeviceInfo device(String backend, DeviceInfo.HostMemory memory) {
    return new DeviceInfo(backend, 0, "", 1L << 40, Set.of(DType.FLOAT32, DType.FLOAT64), memory);
  }

  /** 1 Gi float32: 8 GiB of values and gradients, 12 GiB of state for each step. */
  private static RaceSpec race(int essential, Entrant... entrants) {
    return new RaceSpec("", Subject.STEPS, new Workload(CPU, DType.FLOAT32, 1L << 30, 2), List.of(entrants),
        essential, List.of());
  }

  private static MemoryCheck.Fit fit(RaceSpec race, long gibibytes) {
    return new MemoryCheck(device -> gibibytes << 30).fit(race);
  }

  @Test
  void whatFitsIsLeftAsItIs() {
    RaceSpec race = race(1, NLARCM);
    assertEquals(new MemoryCheck.Fit(race, Optional.empty()), fit(race, 20));
  }

  @Test
  void whatDoesNotFitIsRefusedWithTheArithmetic() {
    MemoryCheck.Fit fit = fit(race(1, NLARCM), 19);
    assertNull(fit.race());
    assertEquals("1 Gi parameters of FLOAT32 on cpu:0 take 8.00 GiB values and gradients + 12.0 GiB Nlarcm = 20.0 GiB,"
        + " but only 19.0 GiB can be used; take a smaller --size", fit.leftOut().orElseThrow());
  }

  @Test
  void sizesBeyond64BitsAreRefused() {
    Workload huge = new Workload(CPU, DType.FLOAT64, Long.MAX_VALUE / 4, 2);
    assertTrue(new MemoryCheck().fit(new RaceSpec("", Subject.STEPS, huge, List.of(NLARCM)))
        .leftOut().orElseThrow().contains("more bytes than 64 bits count"));
  }

  @Test
  void whoIsNotEssentialIsLeftOutFirstAndSaid() {
    NlarStep third = new NlarStep("third", StepConfig.nlarcm());
    MemoryCheck.Fit fit = fit(race(1, NLARCM, NLARSM, third), 35);
    assertEquals(List.of(NLARCM, NLARSM), fit.race().entrants());
    String said = fit.leftOut().orElseThrow();
    assertTrue(said.startsWith("third: 1 Gi parameters"), said);
    assertTrue(said.contains("+ 12.0 GiB third = 44.0 GiB, but only 35.0 GiB"), said);
    assertEquals(List.of(NLARCM), fit(race(1, NLARCM, NLARSM, third), 31).race().entrants());
  }

  @Test
  void devicesThatShareTheHostsMemoryAreAddedUpAndAGpuIsNot() {
    RaceSpec both = race(2, Placed.on(CPU, NLARCM), Placed.on(SHARING, NLARCM));
    assertNull(fit(both, 39).race());
    assertTrue(fit(both, 39).leftOut().orElseThrow().contains("= 40.0 GiB"), fit(both, 39).toString());
    RaceSpec apart = race(2, Placed.on(CPU, NLARCM), Placed.on(GPU, NLARCM));
    assertEquals(apart, fit(apart, 20).race());
  }

  @Test
  void aSharedStateIsCountedOnce() {
    List<Entrant> shapes = Yardsticks.of(CPU, false).stream().filter(entrant -> entrant.kind() == Kind.ROOFLINE).toList();
    assertTrue(shapes.size() > 1);
    RaceSpec race = race(shapes.size(), shapes.toArray(Entrant[]::new));
    assertEquals(race, fit(race, 20).race());
    assertNull(fit(race, 19).race());
  }
}
