package io.nlar.bench.contest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.Backends;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.Momentum;
import io.nlar.Noise;
import io.nlar.Scaling;
import io.nlar.StepConfig;
import io.nlar.bench.command.Programme;
import io.nlar.bench.harness.Contestant;
import io.nlar.bench.harness.VerificationException;
import io.nlar.cli.BrokenBackend;
import io.nlar.spi.Probe;
import java.util.List;
import java.util.Optional;
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
        try (Tensors tensors = new Tensors(device, workload)) {
          for (Entrant entrant : race.entrants()) {
            Optional<String> unavailable = entrant.unavailable(workload);
            assertTrue(!backend.equals("cpu") || type == DType.FLOAT64 || unavailable.isEmpty(), unavailable.toString());
            if (unavailable.isEmpty()) {
              try (Contestant contestant = entrant.open(tensors)) {
                contestant.verify();
                contestant.run(2);
              }
            }
          }
        }
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

  /** design.md's table: 4 + 36, 4 + 28, 4 + 12 bytes a float32 parameter. */
  @Test
  void countsBytesMoved() {
    StepConfig config = StepConfig.nlarcm();
    assertEquals(10, NlarStep.trafficElements(config));
    assertEquals(8, NlarStep.trafficElements(
        config.withMomentum(new Momentum.None()).withNoise(new Noise.Fresh(1))));
    assertEquals(4, NlarStep.trafficElements(config.withMomentum(new Momentum.None())));
    assertEquals(9, NlarStep.trafficElements(config.withScaling(new Scaling.Value(1))));
    assertEquals(11, NlarStep.trafficElements(config.withNoise(new Noise.Frozen(1))));
    assertEquals(8, NlarStep.trafficElements(StepConfig.adamw()), "g twice, θ, m and q read and written");
  }
}
