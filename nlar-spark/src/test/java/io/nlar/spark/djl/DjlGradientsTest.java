package io.nlar.spark.djl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.loss.Loss;
import io.nlar.StepConfig;
import io.nlar.spark.Cluster;
import io.nlar.spark.Gradients;
import io.nlar.spark.SparkTraining;
import io.nlar.spark.TrainingResult;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A block and a loss of DJL, alone and on two executors. */
class DjlGradientsTest {
  /** Learns sums of inputs. */
  private static final class Sums implements DjlModel {
    private static final int COUNT = 8;
    private final int hidden;

    Sums(int hidden) {
      this.hidden = hidden;
    }

    @Override
    public Block block() {
      SequentialBlock block = new SequentialBlock();
      if (hidden > 0) {
        block.add(Linear.builder().setUnits(hidden).build()).add(Activation::relu);
      }
      return block.add(Linear.builder().setUnits(1).build());
    }

    @Override
    public Loss loss() {
      return Loss.l2Loss("l2", 1);
    }

    @Override
    public Shape[] inputs() {
      return new Shape[] {new Shape(1, 3)};
    }

    @Override
    public Examples examples(NDManager scope, long step, int microBatch) {
      float[][] data = data(step, microBatch);
      return new Examples(new NDList(scope.create(data[0], new Shape(COUNT, 3))), new NDList(scope.create(data[1],
          new Shape(COUNT, 1))));
    }

    static float[][] data(long step, int microBatch) {
      SplittableRandom random = new SplittableRandom(step * 10 + microBatch);
      float[] inputs = new float[3 * COUNT];
      float[] sums = new float[COUNT];
      for (int i = 0; i < inputs.length; i++) {
        inputs[i] = (float) random.nextDouble(-1, 1);
        sums[i / 3] += inputs[i];
      }
      return new float[][] {inputs, sums};
    }
  }

  @Test
  void gradientsAreThoseOfTheLossAndDoNotAddUp() throws Exception {
    Sums model = new Sums(0);
    Map<String, float[]> values = new LinkedHashMap<>(DjlGradients.initialValues(model, 3));
    String weight = values.keySet().stream().filter(name -> name.endsWith("weight")).findFirst().orElseThrow();
    String bias = values.keySet().stream().filter(name -> name.endsWith("bias")).findFirst().orElseThrow();
    values.put(weight, new float[] {0.5f, -1, 2});
    Map<String, float[]> gradients = Map.of(weight, new float[3], bias, new float[1]);
    try (Gradients source = DjlGradients.of(model).open()) {
      for (int microBatch : new int[] {0, 1, 1, 2, 0, 1}) {
        System.gc(); // memory that DJL gave a tensor, and nobody holds, would go
        source.compute(5, microBatch, values, gradients);
        float[][] data = Sums.data(5, microBatch);
        double[] expected = new double[3];
        for (int i = 0; i < Sums.COUNT; i++) {
          double error = -data[1][i] + values.get(bias)[0];
          for (int j = 0; j < 3; j++) {
            error += data[0][3 * i + j] * values.get(weight)[j];
          }
          for (int j = 0; j < 3; j++) {
            expected[j] += 2 * error * data[0][3 * i + j] / Sums.COUNT;
          }
        }
        for (int j = 0; j < 3; j++) {
          assertEquals(expected[j], gradients.get(weight)[j], 1e-5);
        }
      }
    }
  }

  @Test
  @Tag("slow")
  void trainsOnTwoWorkersAsOnOne() {
    String options = "-XX:+UseSerialGC -Dai.djl.pytorch.num_threads=1 -Dai.djl.offline=true -DOPT_OUT_TRACKING=true"
        + " -DDJL_CACHE_DIR=" + System.getProperty("DJL_CACHE_DIR");
    try (JavaSparkContext context = Cluster.open(2, 1, Map.of("spark.executor.extraJavaOptions", options))) {
      TrainingResult two = train(context, 2);
      TrainingResult one = train(context, 1);
      one.parameters().forEach((name, values) -> assertArrayEquals(values, two.parameters().get(name), name));
      assertArrayEquals(one.losses(), two.losses());
      assertTrue(two.losses()[39] < 0.5 * two.losses()[0], two.losses()[0] + " " + two.losses()[39]);
    }
  }

  private static TrainingResult train(JavaSparkContext context, int workers) {
    Sums model = new Sums(5);
    return SparkTraining.of(context, DjlGradients.of(model)).add(StepConfig.nlarcm(), DjlGradients.initialValues(model, 3))
        .workers(workers).microBatches(4).steps(40).run();
  }
}
