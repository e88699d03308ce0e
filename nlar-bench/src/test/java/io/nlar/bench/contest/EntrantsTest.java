package io.nlar.bench.contest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.Backends;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.DeviceInfo;
import io.nlar.Momentum;
import io.nlar.Noise;
import io.nlar.Precision;
import io.nlar.Scaling;
import io.nlar.StepConfig;
import io.nlar.bench.command.Programme;
import io.nlar.bench.harness.Contestant;
import io.nlar.bench.harness.VerificationException;
import io.nlar.bench.peer.PyTorchAdam;
import io.nlar.cli.BrokenBackend;
import io.nlar.spi.Probe;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EntrantsTest {

  @AfterEach
  void mend() {
    System.clearProperty(BrokenBackend.PROPERTY);
  }

  /** Odd sizes, below and beyond one period, with parts for several threads. */
  @ParameterizedTest
  @CsvSource({
    "cpu, FLOAT32, 1000, 1", "cpu, FLOAT32, 200001, 3", "cpu, FLOAT64, 70000, 2", "cpu, FLOAT64, 17, 2",
    "opencl, FLOAT32, 200001, 2", "opencl, FLOAT64, 1000, 2", "cuda, FLOAT32, 200004, 2", "cuda, FLOAT64, 1000, 2"})
  void everyEntrantIsRightAndRuns(String backend, DType type, long size, int threads) {
    boolean required = List.of(System.getProperty("nlar.require", "").split(",")).contains(backend);
    Assumptions.assumeTrue(required || Backends.probe().get(backend) instanceof Probe.Available,
        "no " + backend + " device here");
    try (Device device = Backends.open(backend)) {
      Workload workload = new Workload(device.info(), type, size, threads);
      Programme programme = new Programme(Programme.Extent.FULL, List.of(), threads);
      for (RaceSpec race : programme.races(List.of(device.info()), List.of(type), List.of(size))) {
        Map<Workload, Tensors> tensors = new HashMap<>();
        for (Entrant entrant : race.entrants()) {
          Workload own = entrant.workload(workload);
          Optional<String> unavailable = entrant.unavailable(own);
          assertTrue(!backend.equals("cpu") || type == DType.FLOAT64 || unavailable.isEmpty(), unavailable.toString());
          if (unavailable.isEmpty()) {
            try (Contestant contestant = entrant.open(tensors.computeIfAbsent(own, w -> new Tensors(device, w)))) {
              contestant.verify();
              contestant.run(2);
            }
          }
        }
        tensors.values().forEach(Tensors::close);
      }
    }
  }

  @Test
  void aWrongStepIsNotTimed() {
    System.setProperty(BrokenBackend.PROPERTY, "");
    try (Device device = Backends.open("broken");
        Tensors tensors = new Tensors(device, new Workload(device.info(), DType.FLOAT32, 5000, 1));
        Contestant step = new NlarStep("Nlarcm", StepConfig.nlarcm()).open(tensors)) {
      String message = assertThrows(VerificationException.class, step::verify).getMessage();
      assertTrue(message.contains("element 0 of the value"), message);
    }
  }

  /** 4 + 36, 4 + 28, 4 + 12 bytes a float32 parameter; and the table of docs/low-precision.md. */
  @Test
  void countsBytesMoved() {
    StepConfig config = StepConfig.nlarcm();
    DType single = DType.FLOAT32;
    assertEquals(40, NlarStep.trafficBytes(config, single));
    assertEquals(80, NlarStep.trafficBytes(config, DType.FLOAT64));
    assertEquals(32, NlarStep.trafficBytes(
        config.withMomentum(new Momentum.None()).withNoise(new Noise.Fresh(1)), single));
    assertEquals(16, NlarStep.trafficBytes(config.withMomentum(new Momentum.None()), single));
    assertEquals(36, NlarStep.trafficBytes(config.withScaling(new Scaling.Value(1)), single));
    assertEquals(44, NlarStep.trafficBytes(config.withNoise(new Noise.Frozen(1)), single));
    assertEquals(32, NlarStep.trafficBytes(StepConfig.adamw(), single), "g twice, θ, m and q read and written");
    assertEquals(48, NlarStep.trafficBytes(StepConfig.nlarbb(), single), "the gradient before is one state tensor more");
    assertEquals(32, NlarStep.trafficBytes(StepConfig.nlarsf(), single), "g twice, θ, v and A read and written");
    assertEquals(32, NlarStep.trafficBytes(StepConfig.scheduleFree(), single));
    StepConfig compact = config.withPrecision(Precision.compact());
    assertEquals(28, NlarStep.trafficBytes(compact, single));
    assertEquals(24, NlarStep.trafficBytes(compact, DType.BFLOAT16));
    assertEquals(20, NlarStep.trafficBytes(
        config.withPrecision(Precision.compact().withMaster(Precision.Master.NONE)), DType.BFLOAT16));
    assertEquals(26, NlarStep.trafficBytes(compact, DType.FLOAT16));
    StepConfig averaged = StepConfig.nlarsf().withPrecision(Precision.compact());
    assertEquals(24, NlarStep.trafficBytes(averaged, single));
    assertEquals(20, NlarStep.trafficBytes(averaged, DType.BFLOAT16));
    assertEquals(22, NlarStep.trafficBytes(averaged, DType.FLOAT16));
  }

  /** What is kept in fewer bits is raced at the largest size, each on memory of its own, which is counted. */
  @Test
  void everyStorageIsRaced() {
    DeviceInfo cpu = new DeviceInfo("cpu", 0, "", 1, Set.of(DType.values()), DeviceInfo.HostMemory.NATIVE);
    Programme programme = new Programme(Programme.Extent.STANDARD, List.of(new PyTorchAdam()), 2);
    List<RaceSpec> races = programme.races(List.of(cpu), List.of(DType.FLOAT32), List.of(1000L, 5000L)).stream()
        .filter(race -> race.subject() == RaceSpec.Subject.STORAGE).toList();
    assertEquals(1, races.size());
    RaceSpec race = races.getFirst();
    assertEquals(5000, race.workload().size());
    Map<String, Double> bytes = new HashMap<>();
    race.entrants().stream().filter(entrant -> entrant.kind() == Kind.STEP).forEach(
        entrant -> bytes.put(entrant.name(), entrant.trafficBytes(entrant.workload(race.workload()))));
    assertEquals(Map.of("Nlarcm, float32", 40.0, "Nlarcm, compact state", 28.0, "Nlarcm, bfloat16", 24.0,
        "Nlarcm, bfloat16 alone", 20.0, "Nlarcm, float16", 26.0, "PyTorch Adam, fused", 28.0,
        "PyTorch Adam, fused, bfloat16", 14.0), bytes);
    String tooLittle = new MemoryCheck(device -> 1).fit(race).leftOut().orElseThrow();
    assertEquals(4, tooLittle.split("values and gradients").length, tooLittle);
  }
}
