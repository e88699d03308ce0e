package io.nlar.experiments;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import io.nlar.ArrayStep;
import io.nlar.Backends;
import io.nlar.Device;
import io.nlar.StepConfig;
import io.nlar.cli.ExitCode;
import io.nlar.cli.Main;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Estimators without one of their parts. */
class AblationTest {
  private static final double[] START = {1, -2, 3, 0.5, -0.1};

  @TempDir
  Path folder;

  private static Parameter parameter(NDManager manager) {
    Parameter parameter =
        Parameter.builder().setName("w").setType(Parameter.Type.WEIGHT).optShape(new Shape(START.length)).build();
    parameter.setInitializer((mgr, shape, type) -> mgr.create(START.clone()));
    parameter.initialize(manager, DataType.FLOAT64);
    return parameter;
  }

  private static void derive(NDManager manager, Parameter parameter, double[] gradient) {
    try (GradientCollector collector = Engine.getInstance().newGradientCollector(); NDArray g = manager.create(gradient)) {
      collector.backward(parameter.getArray().mul(g).sum());
    }
  }

  /** Of every size, also above the bound, below σ, and 0. */
  private static double[] gradient(Random random, int t) {
    double[] g = random.doubles(START.length, -1, 1).toArray();
    g[1] *= 1e-3;
    g[2] = t % 3 == 0 ? 0 : g[2] * 1e-7;
    g[3] *= t % 4 == 0 ? 10 : 1;
    return g;
  }

  @ParameterizedTest
  @CsvSource({"nlarsm, 1e-30", "nlarcm, 1e-30", "nlarsm, 1e-3", "nlarcm, 1e-3"})
  void withItsOwnRatesItIsTheLibrarysStep(String name, double sigma) {
    DjlEngine.start();
    StepConfig config = new OptimizerChoice(name).config(0.05).withNoiseScale(sigma);
    double[] theta = START.clone();
    double[] g = new double[START.length];
    Random random = new Random(2);
    try (NDManager manager = NDManager.newBaseManager(); Device device = Backends.open("cpu");
        AblatedStep step = new AblatedStep(config, AblatedStep.Rates.ELEMENT, 0.05, false);
        ArrayStep library = ArrayStep.builder(config).add("w", theta, g).on(device).open()) {
      Parameter parameter = parameter(manager);
      for (int t = 1; t <= 50; t++) {
        double[] next = gradient(random, t);
        System.arraycopy(next, 0, g, 0, g.length);
        library.run();
        derive(manager, parameter, next);
        step.step(List.of(parameter));
        assertArrayEquals(theta, parameter.getArray().toDoubleArray(), 1e-9, "step " + t);
      }
      double[] rates = new double[START.length];
      library.learningRates("w", rates);
      Arrays.sort(rates);
      assertEquals(rates[2], step.rateQuartiles()[1], 1e-9);
      assertTrue(rates[4] - rates[0] > 1e-6, "the rates move");
    }
  }

  /** Against the sums of the regression, with the changes that were really made. */
  @Test
  void aRateForATensorIsTheRegressionOverAllItsElements() {
    DjlEngine.start();
    StepConfig config = new OptimizerChoice("nlarsm").config(0.05);
    Random random = new Random(2);
    double numerator = 0.05;
    double denominator = 1;
    try (NDManager manager = NDManager.newBaseManager();
        AblatedStep step = new AblatedStep(config, AblatedStep.Rates.TENSOR, 0.05, false)) {
      Parameter parameter = parameter(manager);
      for (int t = 1; t <= 50; t++) {
        double[] g = gradient(random, t);
        double norm = Math.sqrt(Arrays.stream(g).map(x -> x * x).sum());
        double[] before = parameter.getArray().toDoubleArray();
        derive(manager, parameter, g);
        step.step(List.of(parameter));
        double[] after = parameter.getArray().toDoubleArray();
        for (int i = 0; i < g.length; i++) {
          double f = g[i] * Math.min(1, 1 / norm);
          numerator -= f * (after[i] - before[i]);
          denominator += f * f;
        }
        assertEquals(numerator / denominator, step.rateQuartiles()[1], 1e-12, "step " + t);
      }
      assertTrue(Math.abs(numerator / denominator - 0.05) > 1e-4, "the rate moves");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aFrozenRateNeverMovesAndMomentumIsAsItWas(boolean normalised) {
    DjlEngine.start();
    StepConfig config = new OptimizerChoice("nlarcm").config(0.05);
    Random random = new Random(2);
    double[] theta = START.clone();
    double[] v = new double[theta.length];
    try (NDManager manager = NDManager.newBaseManager();
        AblatedStep step = new AblatedStep(config, AblatedStep.Rates.FROZEN, 0.2, normalised)) {
      Parameter parameter = parameter(manager);
      for (int t = 1; t <= 20; t++) {
        double[] g = gradient(random, t);
        double norm = Math.sqrt(Arrays.stream(g).map(x -> x * x).sum());
        derive(manager, parameter, g);
        step.step(List.of(parameter));
        for (int i = 0; i < g.length; i++) {
          double f = g[i] * (normalised ? 1 / norm : Math.min(1, 1 / norm));
          v[i] = v[i] * (1.0 / t) / (1.2 * (Math.abs(v[i]) + 1.0 / t)) - 0.2 * f;
          theta[i] += v[i];
        }
        assertArrayEquals(theta, parameter.getArray().toDoubleArray(), 1e-12, "step " + t);
        assertArrayEquals(new double[] {0.2, 0.2, 0.2}, step.rateQuartiles());
      }
    }
  }

  @Test
  void theCommandTakesEveryPartAwayAndDrawsIt() throws IOException {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    assertEquals(ExitCode.OK, Main.run(new PrintWriter(out, true), new PrintWriter(err, true), "ablate", "--rates", "0.1",
        "--seeds", "1", "--epochs", "2", "--optimizers", "nlarcm,nlarsm", "--out", folder.toString()), err::toString);
    assertTrue(out.toString().contains("nlarcm frozen-median"), out::toString);
    assertNotNull(ImageIO.read(folder.resolve("values.png").toFile()));
    List<EpochRecord> records = new RunLog(folder, Measure.ACCURACY).read();
    assertEquals(2 * 7 * 2, records.size());
    for (String optimizer : List.of("nlarcm", "nlarsm")) {
      assertEquals(7, records.stream().filter(r -> r.epoch() == 2 && r.run().optimizer().equals(optimizer))
          .map(EpochRecord::loss).distinct().count(), "each part matters");
      double median = rate(records, "whole", optimizer);
      assertNotEquals(0.1, median);
      assertEquals(median, rate(records, "frozen-median", optimizer));
      assertEquals(0.1, rate(records, "frozen-lambda", optimizer), 1e-9);
    }
  }

  @Test
  void theCommandTakesNlarsfApartToo() {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    assertEquals(ExitCode.OK, Main.run(new PrintWriter(out, true), new PrintWriter(err, true), "ablate", "--rates", "0.1",
        "--seeds", "1", "--epochs", "2", "--optimizers", "nlarsf", "--out", folder.toString()), err::toString);
    List<EpochRecord> records = new RunLog(folder, Measure.ACCURACY).read();
    assertEquals(10 * 2, records.size());
    // What is evaluated has no part in the training.
    assertEquals(9, records.stream().filter(r -> r.epoch() == 2).map(EpochRecord::loss).distinct().count(), out::toString);
    EpochRecord interpolated = last(records, "no-interpolation", "nlarsf");
    EpochRecord averaged = last(records, "no-average", "nlarsf");
    assertEquals(interpolated.loss(), averaged.loss());
    assertNotEquals(interpolated.testScore(), averaged.testScore());
    // The histogram of rates has bins of 12 %.
    assertEquals(0.1, rate(records, "frozen-lambda", "nlarsf"), 0.01);
    assertEquals(2, rate(records, "frozen-largest", "nlarsf"), 0.2);
  }

  private static double rate(List<EpochRecord> records, String value, String optimizer) {
    return last(records, value, optimizer).medianRate();
  }

  private static EpochRecord last(List<EpochRecord> records, String value, String optimizer) {
    return records.stream().filter(record -> record.run().equals(new RunKey(value, optimizer, 0.1, 1)))
        .reduce((first, last) -> last).orElseThrow();
  }
}
