package io.nlar.experiments;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import io.nlar.Backends;
import io.nlar.DType;
import io.nlar.Device;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Networks, and the baseline that DJL does not have. */
class NetworksTest {
  @TempDir
  Path folder;

  private static long weights(ImageExperiment experiment) {
    DjlEngine.start();
    try (NDManager manager = NDManager.newBaseManager()) {
      Block block = experiment.network();
      block.initialize(manager, DataType.FLOAT32, experiment.input(2));
      return block.getParameters().values().stream().filter(Parameter::requiresGradient)
          .mapToLong(p -> p.getArray().size()).sum();
    }
  }

  @ParameterizedTest
  @CsvSource({"LOGISTIC, 7850", "MLP2H, 1796010", "MLP7H, 3154442", "DIGITS, 6570", "FASHION, 118282"})
  void parametersOfThePerceptrons(ImageExperiment experiment, long expected) {
    assertEquals(expected, weights(experiment));
  }

  @Test
  void parametersOfVgg11() {
    long convolutions = 3 * 9 * 64 + 64 + 64 * 9 * 128 + 128 + 128 * 9 * 256 + 256 + 256 * 9 * 256 + 256
        + 256 * 9 * 512 + 512 + 3 * (512 * 9 * 512 + 512);
    long norms = 2 * (64 + 128 + 256 + 512 + 512);
    long dense = 512 * 4096 + 4096 + 4096 * 4096 + 4096 + 4096 * 10 + 10;
    assertEquals(convolutions + norms + dense, weights(ImageExperiment.VGG11));
  }

  @Test
  void parametersOfTheResidualNetwork() {
    long convolutions = 3 * 9 * 8 + 2 * 8 * 9 * 8 + 8 * 9 * 16 + 16 * 9 * 16 + 8 * 16 + 16 * 9 * 32 + 32 * 9 * 32 + 16 * 32;
    long norms = 2 * (3 * 8 + 3 * 16 + 3 * 32);
    assertEquals(convolutions + norms + 32 * 10 + 10, weights(ImageExperiment.RESNET));
    assertArrayEquals(new Shape[] {new Shape(2, 10)},
        ImageExperiment.RESNET.network().getOutputShapes(new Shape[] {new Shape(2, 3, 32, 32)}));
    assertEquals(convolutions + norms + 32 * 100 + 100, weights(ImageExperiment.RESNET100));
  }

  @ParameterizedTest
  @EnumSource(value = ImageExperiment.class, names = {"MLP7H", "VGG11", "RESNET", "RESNET100"})
  void theCifarNetworksTrainOnFilesOfItsForm(ImageExperiment experiment) throws Exception {
    DataTest.writeCifar(folder, 4);
    DataTest.writeCifar100(folder, 20);
    List<EpochRecord> records = new ArrayList<>();
    try (Device device = Backends.open("cpu")) {
      experiment.task(experiment.data(folder))
          .training(new Conditions(DType.FLOAT32, device, new Unvaried(io.nlar.Precision.full())))
          .run(new RunKey("", "nlarcm", 0.01, 1), 2, () -> false, records::add,
              RunObserver.NONE);
    }
    assertEquals(2, records.size());
    for (EpochRecord record : records) {
      assertTrue(Double.isFinite(record.loss()) && record.lowerRate() <= record.upperRate(), record::toString);
    }
    assertTrue(records.get(0).loss() != records.get(1).loss(), records::toString);
  }

  @Test
  void adamHdIsItsFormula() {
    DjlEngine.start();
    double beta = 1e-2;
    double alpha = 0.05;
    int n = 5;
    double[] theta = {1, -2, 3, 0.5, -0.1};
    double[] m = new double[n];
    double[] v = new double[n];
    double[] d = new double[n];
    Random random = new Random(1);
    Parameter parameter = Parameter.builder().setName("w").setType(Parameter.Type.WEIGHT).optShape(new Shape(n)).build();
    try (NDManager manager = NDManager.newBaseManager(); AdamHdStep step = new AdamHdStep(alpha, beta)) {
      parameter.setInitializer((mgr, shape, type) -> mgr.create(theta.clone()).toType(type, false));
      parameter.initialize(manager, DataType.FLOAT64);
      for (int t = 1; t <= 10; t++) {
        double[] g = random.doubles(n, -0.9, 0.9).toArray();
        try (var collector = ai.djl.engine.Engine.getInstance().newGradientCollector();
            NDArray target = manager.create(g)) {
          collector.backward(parameter.getArray().mul(target).sum());
        }
        step.step(List.of(parameter));
        double norm = Math.sqrt(java.util.Arrays.stream(g).map(x -> x * x).sum());
        double h = 0;
        for (int i = 0; i < n; i++) {
          g[i] *= Math.min(1, 1 / norm);
          h += g[i] * d[i];
        }
        alpha += beta * h;
        for (int i = 0; i < n; i++) {
          m[i] = 0.9 * m[i] + 0.1 * g[i];
          v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i];
          d[i] = m[i] / (1 - Math.pow(0.9, t)) / (Math.sqrt(v[i] / (1 - Math.pow(0.999, t))) + 1e-8);
          theta[i] -= alpha * d[i];
          assertEquals(theta[i], parameter.getArray().getDouble(i), 1e-6, "step " + t);
        }
        assertEquals(alpha, step.rateQuartiles()[1], 1e-9);
      }
    }
  }
}
