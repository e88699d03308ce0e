package io.nlar.spark.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import ai.djl.training.initializer.XavierInitializer;
import ai.djl.training.loss.Loss;
import io.nlar.experiments.DataSet;
import io.nlar.experiments.ImageExperiment;
import io.nlar.experiments.ImageSet;
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
  /** Factor of Σw² over all weights in the loss, as in {@code train}. */
  private static final float L2 = 1e-4f;
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
    Block block = experiment.network();
    block.setInitializer(new XavierInitializer(XavierInitializer.RandomType.UNIFORM, XavierInitializer.FactorType.AVG, 3f),
        Parameter.Type.WEIGHT);
    block.setInitializer(Initializer.ZEROS, Parameter.Type.BIAS);
    return block;
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
      order = shuffle(images.count(), new Random(seed * 1_000_003 + epoch));
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

  private static int[] shuffle(int count, Random random) {
    int[] order = IntStream.range(0, count).toArray();
    for (int i = count - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int kept = order[i];
      order[i] = order[j];
      order[j] = kept;
    }
    return order;
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
          gradient[i] += 2 * L2 * value[i];
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
          right += scores.argMax(1).eq(examples.labels().singletonOrThrow()).toType(DataType.INT64, false).sum().getLong();
        }
      }
    }
    return right / (double) all.length;
  }
}
