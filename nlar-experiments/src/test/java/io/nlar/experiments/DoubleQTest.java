package io.nlar.experiments;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.NormalInitializer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Memory, target and gradients of double Q-learning. */
class DoubleQTest {
  private static ReplayBuffer numbered(int capacity, int count) {
    ReplayBuffer replay = new ReplayBuffer(capacity);
    for (int i = 0; i < count; i++) {
      replay.add(new double[] {i, 0.1, 0.2, 0.3}, i % 2, new double[] {i + 1, 1.1, 1.2, 1.3}, i % 3 == 0);
    }
    return replay;
  }

  @Test
  void theMemoryForgetsTheOldestAndDrawsTheOthersEquallyOften() {
    ReplayBuffer replay = numbered(10, 7);
    assertEquals(7, replay.count());
    replay = numbered(10, 25);
    assertEquals(10, replay.count());
    int[] drawn = new int[25];
    ReplayBuffer.Batch batch = new ReplayBuffer.Batch(100);
    Random random = new Random(3);
    for (int round = 0; round < 1000; round++) {
      replay.draw(random, batch);
      for (int i = 0; i < 100; i++) {
        int number = (int) batch.before()[0][i];
        drawn[number]++;
        assertEquals(number + 1, batch.after()[0][i]);
        assertEquals(0.2, batch.before()[2][i]);
        assertEquals(1.3, batch.after()[3][i]);
        assertEquals(number % 2, batch.actions()[i]);
        assertEquals(number % 3 == 0, batch.last()[i]);
      }
    }
    for (int i = 0; i < 25; i++) {
      // 100 000 draws of 10: 10 000 each, standard deviation 95.
      assertEquals(i < 15 ? 0 : 10_000, drawn[i], i < 15 ? 0 : 500, "transition " + i);
    }
  }

  /** A network that answers every state with these values: all weights are 0. */
  private static QNetwork constant(NDManager manager, double left, double right) {
    List<HostTensor> tensors = new ArrayList<>();
    for (double[] values : new double[][] {new double[512], new double[128], new double[256], {left, right}}) {
      tensors.add(new HostTensor(manager.create(values)));
    }
    QNetwork network = new QNetwork();
    network.read(tensors);
    return network;
  }

  @Test
  void theOnlineNetworkChoosesAndTheTargetNetworkValues() {
    DjlEngine.start();
    try (NDManager manager = NDManager.newBaseManager()) {
      ReplayBuffer.Batch batch = new ReplayBuffer.Batch(2);
      batch.last()[1] = true;
      double[] targets = new double[2];
      DoubleQ.targets(batch, constant(manager, 1, 2), constant(manager, 30, 20), new QNetwork.Pass(2), targets);
      assertArrayEquals(new double[] {1 + 0.95 * 20, 1}, targets, 1e-15);
      DoubleQ.targets(batch, constant(manager, 2, 1), constant(manager, 30, 20), new QNetwork.Pass(2), targets);
      assertArrayEquals(new double[] {1 + 0.95 * 30, 1}, targets, 1e-15);
    }
  }

  @ParameterizedTest
  @EnumSource(value = DataType.class, names = {"FLOAT32", "FLOAT64"})
  void lossAndGradientsAreThoseThatDjlDerives(DataType type) {
    Engine engine = DjlEngine.start();
    engine.setRandomSeed(11);
    int n = 64;
    Random random = new Random(4);
    ReplayBuffer.Batch batch = new ReplayBuffer.Batch(n);
    double[] x = new double[n * CartPoleSystem.SIZE];
    double[] chosen = new double[2 * n];
    double[] y = new double[n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < CartPoleSystem.SIZE; j++) {
        batch.before()[j][i] = x[i * CartPoleSystem.SIZE + j] = random.nextGaussian();
      }
      batch.actions()[i] = (byte) random.nextInt(2);
      chosen[2 * i + batch.actions()[i]] = 1;
      y[i] = random.nextGaussian();
    }
    try (NDManager manager = NDManager.newBaseManager()) {
      Block block = QNetwork.block();
      block.setInitializer(new NormalInitializer(0.5f), p -> true);
      block.initialize(manager, type, new Shape(n, CartPoleSystem.SIZE));
      List<Parameter> parameters = block.getParameters().values();
      double expected;
      try (GradientCollector collector = engine.newGradientCollector()) {
        NDArray input = manager.create(x, new Shape(n, CartPoleSystem.SIZE)).toType(type, false);
        NDArray values = block.forward(new ParameterStore(manager, false), new NDList(input), true).singletonOrThrow();
        NDArray mask = manager.create(chosen, new Shape(n, 2)).toType(type, false);
        NDArray loss = values.mul(mask).sum(new int[] {1}).sub(manager.create(y).toType(type, false)).square().mean();
        expected = loss.toType(DataType.FLOAT64, false).getDouble();
        NDArray penalty = parameters.get(0).getArray().square().sum().add(parameters.get(2).getArray().square().sum());
        collector.backward(loss.add(penalty.mul(1e-2)));
      }
      QNetwork network = new QNetwork();
      network.read(parameters.stream().map(p -> new HostTensor(p.getArray())).toList());
      QNetwork.Pass pass = new QNetwork.Pass(n);
      double[][] slopes = new double[2][n];
      network.forward(batch.before(), pass);
      double tolerance = type == DataType.FLOAT64 ? 1e-12 : 2e-5;
      assertEquals(expected, DoubleQ.loss(batch, pass, y, slopes), tolerance * expected);
      network.backward(batch.before(), pass, slopes);
      network.addPenalty(parameters, 1e-2);
      List<NDArray> own = parameters.stream().map(p -> manager.zeros(p.getArray().getShape(), type)).toList();
      network.writeGradients(own.stream().map(HostTensor::new).toList());
      for (int i = 0; i < own.size(); i++) {
        double[] derived = parameters.get(i).getArray().getGradient().toType(DataType.FLOAT64, true).toDoubleArray();
        assertTrue(Math.abs(derived[0]) > 0, "there is a gradient");
        assertArrayEquals(derived, own.get(i).toType(DataType.FLOAT64, true).toDoubleArray(), tolerance,
            parameters.get(i).getName() + " " + i);
      }
    }
  }
}
