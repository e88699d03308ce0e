package io.nlar.spark.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.training.loss.Loss;
import io.nlar.experiments.DataSet;
import io.nlar.experiments.ImageExperiment;
import io.nlar.experiments.ImageSet;
import io.nlar.experiments.Recipe;
import io.nlar.spark.GradientSource;
import io.nlar.spark.Gradients;
import io.nlar.spark.djl.DjlGradients;
import io.nlar.spark.djl.DjlModel;
import java.io.IOException;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.spark.broadcast.Broadcast;

/**
 * An image experiment's network and data in micro-batches: each epoch in an order of its own, which the seed draws; what is left
 * of whole batches at the end of an epoch is not used.
 */
final class ImageModel implements DjlModel {
  private static final long serialVersionUID = 1L;
  private static final int TEST_BATCH = 1000;

  private final ImageExperiment experiment;
  private final Broadcast<DataSet> data;
  private final int microBatches;
  private final long seed;
  private transient int[] order;
  private transient long shuffled;

  ImageModel(ImageExperiment experiment, Broadcast<DataSet> data, int microBatches, long seed) {
    this.experiment = experiment;
    this.data = data;
    this.microBatches = microBatches;
    this.seed = seed;
  }

  int stepsPerEpoch() {
    return data.value().training().count() / experiment.batch();
  }

  @Override
  public Block block() {
    return Recipe.initialisers(experiment.network());
  }

  @Override
  public Loss loss() {
    return Loss.softmaxCrossEntropyLoss();
  }

  @Override
  public Shape[] inputs() {
    return new Shape[] {experiment.input(1)};
  }

  @Override
  public Examples examples(NDManager scope, long step, int microBatch) {
    ImageSet images = data.value().training();
    long epoch = step / stepsPerEpoch();
    if (order == null || epoch != shuffled) {
      order = IntStream.range(0, images.count()).toArray();
      Recipe.shuffle(order, new Random(seed * 1_000_003 + epoch));
      shuffled = epoch;
    }
    int batch = experiment.batch();
    int start = (int) (step % stepsPerEpoch()) * batch;
    int from = start + batch * microBatch / microBatches;
    return examples(scope, images, order, from, start + batch * (microBatch + 1) / microBatches - from);
  }

  private Examples examples(NDManager scope, ImageSet images, int[] order, int from, int count) {
    float[] pixels = new float[count * images.size()];
    images.scaled(order, from, count, pixels);
    long[] labels = new long[count];
    for (int i = 0; i < count; i++) {
      labels[i] = images.labels()[order[from + i]];
    }
    return new Examples(new NDList(scope.create(pixels, experiment.input(count))), new NDList(scope.create(labels)));
  }

  /** The network's gradients, with those of the L2 term. */
  GradientSource source() {
    return () -> new WithPenalty(DjlGradients.of(this).open());
  }

  private record WithPenalty(Gradients network) implements Gradients {
    @Override
    public double compute(long step, int microBatch, Map<String, float[]> values, Map<String, float[]> gradients)
        throws Exception {
      double loss = network.compute(step, microBatch, values, gradients);
      gradients.forEach((name, gradient) -> {
        float[] value = values.get(name);
        for (int i = 0; name.endsWith("weight") && i < value.length; i++) {
          gradient[i] += 2 * (float) Recipe.L2 * value[i];
        }
      });
      return loss;
    }

    @Override
    public void close() throws IOException {
      network.close();
    }
  }

  /** The share of test images that trained values tell right. */
  double accuracy(Map<String, float[]> values) {
    ImageSet test = data.value().test();
    int[] all = IntStream.range(0, test.count()).toArray();
    long right = 0;
    try (NDManager manager = NDManager.newBaseManager()) {
      Block block = block();
      block.initialize(manager, DataType.FLOAT32, inputs());
      DjlGradients.load(values, block);
      for (int from = 0; from < all.length; from += TEST_BATCH) {
        try (NDManager scope = manager.newSubManager()) {
          Examples examples = examples(scope, test, all, from, Math.min(TEST_BATCH, all.length - from));
          NDArray scores = block.forward(new ParameterStore(scope, false), examples.data(), false).singletonOrThrow();
          right += Recipe.right(scores, examples.labels().singletonOrThrow());
        }
      }
    }
    return right / (double) all.length;
  }
}
