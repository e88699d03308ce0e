package io.nlar.experiments;

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
import ai.djl.training.loss.Loss;
import io.nlar.DType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;

/** Classifies images: batches of a shuffled data set forward, backward and through the step, and a test after each epoch. */
final class ImageTraining extends Training {
  private static final int TEST_BATCH = 1000;

  private final ImageExperiment experiment;
  private final DataSet data;
  private final DType type;

  ImageTraining(ImageExperiment experiment, DataSet data, Conditions conditions) {
    super(conditions);
    this.experiment = experiment;
    this.data = data;
    this.type = conditions.type();
  }

  @Override
  Block network() {
    return experiment.network();
  }

  @Override
  Shape input() {
    return experiment.input(experiment.batch());
  }

  @Override
  long steps(int epochs) {
    return (long) epochs * Math.ceilDiv(data.training().count(), experiment.batch());
  }

  @Override
  void train(Run run) {
    Random random = new Random(run.key().seed());
    Batches batches = new Batches(run.model().getNDManager(), run.type());
    int[] order = identity(data.training().count());
    for (int epoch = 1; epoch <= run.epochs(); epoch++) {
      Recipe.shuffle(order, random);
      Sums sums = new Sums();
      if (!epoch(run, batches, order, sums)) {
        return;
      }
      run.step().evaluate();
      double accuracy = sums.finite() ? test(run.block(), batches) : Double.NaN;
      run.step().train();
      boolean diverged = Double.isNaN(accuracy);
      double[] rates = !diverged ? run.step().rateQuartiles() : new double[] {Double.NaN, Double.NaN, Double.NaN};
      run.finish(new EpochRecord(run.key(), epoch, sums.loss / sums.batches,
          sums.right / (double) sums.images, accuracy, sums.forwardBackward * NANO, sums.step * NANO, rates[0], rates[1],
          rates[2], diverged));
      if (diverged) {
        return;
      }
    }
  }

  private static int[] identity(int count) {
    int[] order = new int[count];
    for (int i = 0; i < count; i++) {
      order[i] = i;
    }
    return order;
  }

  /** What adds up over an epoch. */
  private static final class Sums {
    private double loss;
    private int batches;
    private long right;
    private long images;
    private long forwardBackward;
    private long step;

    boolean finite() {
      return Double.isFinite(loss);
    }
  }

  /** One epoch, or less where the loss is no longer finite; false where it was stopped. */
  private boolean epoch(Run run, Batches batches, int[] order, Sums sums) {
    Block block = run.block();
    Loss loss = Loss.softmaxCrossEntropyLoss();
    for (int from = 0; from < order.length; from += experiment.batch()) {
      if (run.stop().getAsBoolean()) {
        return false;
      }
      int count = Math.min(experiment.batch(), order.length - from);
      try (NDManager scope = batches.manager.newSubManager()) {
        NDArray images = batches.images(scope, data.training(), order, from, count);
        NDArray labels = batches.labels(scope, data.training(), order, from, count);
        long start = System.nanoTime();
        NDArray scores;
        NDArray value;
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
          scores = block.forward(new ParameterStore(scope, false), new NDList(images), true).singletonOrThrow();
          value = loss.evaluate(new NDList(labels), new NDList(scores));
          collector.backward(value);
        }
        addPenalty(run.parameters());
        double batchLoss = value.toType(DataType.FLOAT64, false).getDouble();
        long middle = System.nanoTime();
        sums.forwardBackward += middle - start;
        sums.loss += batchLoss;
        sums.batches++;
        sums.images += count;
        if (!sums.finite()) {
          return true;
        }
        run.step().step(run.parameters());
        sums.step += System.nanoTime() - middle;
        run.observer().batch(batchLoss, run.step());
        sums.right += Recipe.right(scores, labels);
      }
    }
    return true;
  }

  /** The gradient of the L2 term, added where its automatic derivation would add it. */
  private static void addPenalty(List<Parameter> parameters) {
    for (Parameter parameter : parameters) {
      if (parameter.getType() == Parameter.Type.WEIGHT) {
        try (NDArray gradient = parameter.getArray().getGradient(); NDArray term = parameter.getArray().mul(2 * Recipe.L2)) {
          gradient.addi(term);
        }
      }
    }
  }

  /** The share of test images that are told right; NaN where a score is not finite: the last update broke the network. */
  private double test(Block block, Batches batches) {
    ImageSet test = data.test();
    int[] order = identity(test.count());
    long right = 0;
    for (int from = 0; from < order.length; from += TEST_BATCH) {
      int count = Math.min(TEST_BATCH, order.length - from);
      try (NDManager scope = batches.manager.newSubManager()) {
        NDArray images = batches.images(scope, test, order, from, count);
        NDArray labels = batches.labels(scope, test, order, from, count);
        NDArray scores = block.forward(new ParameterStore(scope, false), new NDList(images), false).singletonOrThrow();
        // x − x is 0 for finite numbers and NaN for others.
        if (Double.isNaN(scores.sub(scores).sum().toType(DataType.FLOAT64, false).getDouble())) {
          return Double.NaN;
        }
        right += Recipe.right(scores, labels);
      }
    }
    return right / (double) test.count();
  }

  /** Brings images to DJL through one buffer. */
  private final class Batches {
    private final NDManager manager;
    private final DataType dataType;
    private final float[] scaled;
    private final ByteBuffer staging;

    Batches(NDManager manager, DataType dataType) {
      this.manager = manager;
      this.dataType = dataType;
      int values = Math.max(TEST_BATCH, experiment.batch()) * data.training().size();
      scaled = new float[values];
      staging = ByteBuffer.allocateDirect(values * type.bytes()).order(ByteOrder.nativeOrder());
    }

    /** The array lives in the staging buffer, until the next batch. */
    NDArray images(NDManager scope, ImageSet set, int[] order, int from, int count) {
      set.scaled(order, from, count, scaled);
      int values = count * set.size();
      staging.clear().limit(values * type.bytes());
      switch (type) {
        case FLOAT32 -> staging.asFloatBuffer().put(scaled, 0, values);
        case FLOAT64 -> {
          for (int i = 0; i < values; i++) {
            staging.putDouble(i * Double.BYTES, scaled[i]);
          }
        }
      }
      return scope.create(staging.slice().order(ByteOrder.nativeOrder()), experiment.input(count), dataType);
    }

    NDArray labels(NDManager scope, ImageSet set, int[] order, int from, int count) {
      long[] labels = new long[count];
      for (int i = 0; i < count; i++) {
        labels[i] = set.labels()[order[from + i]];
      }
      return scope.create(labels);
    }
  }
}
