package io.nlar.examples;

import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.Dataset;
import ai.djl.training.loss.Loss;
import ai.djl.translate.TranslateException;
import io.nlar.StepConfig;
import io.nlar.djl.NlarOptimizer;
import java.io.IOException;
import java.util.Random;

/**
 * DJL trains with Nlar: a network with one hidden layer learns whether a point lies in a ring.
 *
 * <p>Needs nlar-djl and an engine of DJL. Run it with
 * {@code --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED}.
 */
public final class DjlTrainer {
  private static final int POINTS = 500;
  private static final int BATCH = 100;
  private static final int HIDDEN = 16;
  private static final int EPOCHS = 500;

  private DjlTrainer() {}

  /** Points of the plane, and for each 1 where it lies in the ring, else 0. */
  private record Points(NDArray inputs, NDArray labels) {

    static Points random(NDManager manager, Random random) {
      float[] inputs = new float[POINTS * 2];
      long[] labels = new long[POINTS];
      for (int i = 0; i < POINTS; i++) {
        float x = 2 * random.nextFloat() - 1;
        float y = 2 * random.nextFloat() - 1;
        double radius = Math.hypot(x, y);
        inputs[2 * i] = x;
        inputs[2 * i + 1] = y;
        labels[i] = radius > 0.4 && radius < 0.9 ? 1 : 0;
      }
      return new Points(manager.create(inputs, new Shape(POINTS, 2)), manager.create(labels));
    }

    Dataset dataset() {
      return new ArrayDataset.Builder().setData(inputs).optLabels(labels).setSampling(BATCH, true).build();
    }
  }

  /** Trains and prints how many points are told right. */
  public static void main(String[] args) throws IOException, TranslateException {
    Engine.getInstance().setRandomSeed(1);
    var config = new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
        .optOptimizer(NlarOptimizer.builder().optConfig(StepConfig.nlarcm().withLearningRate(1)).build());
    try (Model model = Model.newInstance("ring")) {
      model.setBlock(new SequentialBlock()
          .add(Linear.builder().setUnits(HIDDEN).build()).add(Activation::tanh)
          .add(Linear.builder().setUnits(2).build()));
      try (Trainer trainer = model.newTrainer(config)) {
        Points points = Points.random(trainer.getManager(), new Random(1));
        trainer.initialize(new Shape(BATCH, 2));
        EasyTrain.fit(trainer, EPOCHS, points.dataset(), null);

        NDArray found = trainer.evaluate(new NDList(points.inputs)).singletonOrThrow().argMax(1);
        System.out.println("accuracy " + found.eq(points.labels).toType(DataType.FLOAT32, false).mean().getFloat());
      }
    }
  }
}
