package io.nlar.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.Buffer;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.Parameter;
import io.nlar.ParameterGroup;
import io.nlar.Precision;
import io.nlar.Slot;
import io.nlar.Step;
import io.nlar.StepConfig;
import io.nlar.testkit.HostValues;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What becomes of learned rates and their evidence over 100 000 steps when they are kept in bfloat16: compared with a float32
 * run on the same gradients. Prints the figures of docs/low-precision.md.
 */
class DriftTest {
  private static final int STEPS = 100_000;
  private static final int LENGTH = 512;

  @Test
  @Tag("slow")
  void compactRatesScatterButDoNotDrift() {
    Map<String, StepConfig> estimators = new LinkedHashMap<>();
    estimators.put("Nlarsm", StepConfig.nlarsm());
    estimators.put("Nlarcm", StepConfig.nlarcm());
    Map<String, Precision> kept = new LinkedHashMap<>();
    kept.put("full", Precision.full());
    kept.put("compact", Precision.compact());
    try (Device device = Devices.open(1)) {
      Buffer gradient = device.allocate(DType.FLOAT32, LENGTH);
      List<ParameterGroup> groups = new ArrayList<>();
      estimators.forEach((name, config) -> kept.forEach((state, precision) ->
          groups.add(new ParameterGroup(config.withPrecision(precision), List.of(
              new Parameter(name + " " + state, device.allocate(DType.FLOAT32, LENGTH), gradient))))));
      SplittableRandom random = new SplittableRandom(11);
      float[] noise = new float[LENGTH];
      try (Step step = device.compile(groups)) {
        for (int number = 0; number < STEPS; number++) {
          for (int i = 0; i < LENGTH; i++) {
            noise[i] = (float) (random.nextGaussian() * 1e-4);
          }
          gradient.copyFrom(MemorySegment.ofArray(noise));
          step.run(1, 1);
        }
        assertEquals(STEPS, step.stats().applied());
        for (String name : estimators.keySet()) {
          double[] rates = ratios(rates(step, name + " compact"), rates(step, name + " full"));
          double[] evidence = ratios(HostValues.read(step.state(name + " compact", Slot.WEIGHT)),
              HostValues.read(step.state(name + " full", Slot.WEIGHT)));
          double scatter = median(Arrays.stream(rates).map(ratio -> Math.abs(ratio - 1)).toArray());
          System.out.printf(Locale.ROOT, "%s after %d steps, compact as a multiple of full: rates median %.4f, mean %.4f ± %.4f,"
              + " median scatter %.2f %%; A median %.4f, mean %.4f ± %.4f%n", name, STEPS, median(rates), mean(rates),
              error(rates), 100 * scatter, median(evidence), mean(evidence), error(evidence));
          assertTrue(Math.abs(median(rates) - 1) < 0.02, name + ": the median rate is off by a factor of " + median(rates));
          assertTrue(scatter < 0.12, name + ": rates scatter by " + scatter);
          assertTrue(Math.abs(mean(evidence) - 1) < 0.02, name + ": A is off by a factor of " + mean(evidence));
        }
      }
    }
  }

  private static double[] rates(Step step, String parameter) {
    float[] rates = new float[LENGTH];
    step.learningRates(parameter, MemorySegment.ofArray(rates));
    double[] wide = new double[LENGTH];
    Arrays.setAll(wide, i -> rates[i]);
    return wide;
  }

  private static double[] ratios(double[] numerators, double[] denominators) {
    double[] ratios = new double[numerators.length];
    Arrays.setAll(ratios, i -> numerators[i] / denominators[i]);
    return ratios;
  }

  private static double median(double[] numbers) {
    double[] sorted = numbers.clone();
    Arrays.sort(sorted);
    return (sorted[sorted.length / 2] + sorted[(sorted.length - 1) / 2]) / 2;
  }

  private static double mean(double[] numbers) {
    return Arrays.stream(numbers).average().orElseThrow();
  }

  /** Standard error of the mean. */
  private static double error(double[] numbers) {
    double mean = mean(numbers);
    double squares = Arrays.stream(numbers).map(x -> (x - mean) * (x - mean)).sum();
    return Math.sqrt(squares / (numbers.length - 1) / numbers.length);
  }
}
