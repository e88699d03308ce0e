package io.nlar.djl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.Dropout;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.Batch;
import ai.djl.training.loss.Loss;
import ai.djl.translate.TranslateException;
import io.nlar.CallOrderException;
import io.nlar.ParameterException;
import io.nlar.StepConfig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Means and variances of batch normalisation with the values to evaluate in place. */
class BatchStatisticsTest {
  private static final int HIDDEN = 12;
  private static final int SAMPLES = 6 * Models.BATCH;

  /** A model with batch normalisation behind its first layer, and its training set. */
  private static final class Training implements AutoCloseable {
    final Model model = Model.newInstance("normalised");
    final NlarOptimizer optimizer = NlarOptimizer.builder().optConfig(StepConfig.nlarsf()).build();
    final Trainer trainer;
    final float[][] inputs = new float[SAMPLES][Models.INPUTS];
    private final ArrayDataset data;

    Training(float momentum, boolean initialized) {
      Engine.getInstance().setRandomSeed(1);
      model.setBlock(new SequentialBlock()
          .add(Linear.builder().setUnits(HIDDEN).build())
          .add(BatchNorm.builder().optMomentum(momentum).build())
          .add(Activation::relu)
          .add(Dropout.builder().optRate(0.5f).build())
          .add(BatchNorm.builder().optMomentum(momentum).build())
          .add(Linear.builder().setUnits(Models.CLASSES).build()));
      trainer = model.newTrainer(new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss()).optOptimizer(optimizer));
      if (initialized) {
        trainer.initialize(new Shape(Models.BATCH, Models.INPUTS));
      }
      Random random = new Random(1);
      long[] labels = new long[SAMPLES];
      for (int i = 0; i < SAMPLES; i++) {
        for (int j = 0; j < Models.INPUTS; j++) {
          inputs[i][j] = (float) random.nextGaussian() + j;
        }
        labels[i] = inputs[i][0] > 0 ? 1 : 0;
      }
      NDManager manager = trainer.getManager();
      data = new ArrayDataset.Builder().setData(manager.create(inputs)).optLabels(manager.create(labels))
          .setSampling(Models.BATCH, false).build();
    }

    Iterable<Batch> batches() throws IOException, TranslateException {
      return trainer.iterateDataset(data);
    }

    void train(int epochs) throws IOException, TranslateException {
      for (int epoch = 0; epoch < epochs; epoch++) {
        for (Batch batch : batches()) {
          try (batch) {
            try (GradientCollector collector = trainer.newGradientCollector()) {
              NDList outputs = trainer.forward(batch.getData());
              collector.backward(trainer.getLoss().evaluate(batch.getLabels(), outputs));
            }
            trainer.step();
          }
        }
      }
    }

    /** What of this type the first normalisation has counted. */
    float[] running(Parameter.Type type) {
      return model.getBlock().getParameters().values().stream().filter(parameter -> parameter.getType() == type)
          .findFirst().orElseThrow().getArray().toFloatArray();
    }

    /** Means of the batches' means and of their variances behind the first layer, with the values that are in place. */
    List<float[]> expected() {
      List<Parameter> parameters = Models.parameters(model);
      float[] weights = parameters.get(0).getArray().toFloatArray();
      float[] bias = parameters.get(1).getArray().toFloatArray();
      float[] means = new float[HIDDEN];
      float[] variances = new float[HIDDEN];
      for (int unit = 0; unit < HIDDEN; unit++) {
        double mean = 0;
        double variance = 0;
        for (int first = 0; first < SAMPLES; first += Models.BATCH) {
          double sum = 0;
          double squares = 0;
          for (int i = first; i < first + Models.BATCH; i++) {
            double y = bias[unit];
            for (int j = 0; j < Models.INPUTS; j++) {
              y += (double) weights[unit * Models.INPUTS + j] * inputs[i][j];
            }
            sum += y;
            squares += y * y;
          }
          mean += sum / SAMPLES;
          variance += (squares - sum * sum / Models.BATCH) / (Models.BATCH - 1) / (SAMPLES / Models.BATCH);
        }
        means[unit] = (float) mean;
        variances[unit] = (float) variance;
      }
      return List.of(means, variances);
    }

    double error() {
      return Math.max(error(expected().get(0), running(Parameter.Type.RUNNING_MEAN)),
          error(expected().get(1), running(Parameter.Type.RUNNING_VAR)));
    }

    private static double error(float[] expected, float[] actual) {
      double error = 0;
      for (int i = 0; i < expected.length; i++) {
        error = Math.max(error, Math.abs(actual[i] - expected[i]) / Math.max(1, Math.abs(expected[i])));
      }
      return error;
    }

    float[] predicted() {
      try (NDManager scope = trainer.getManager().newSubManager();
          NDArray some = scope.create(inputs)) {
        return trainer.evaluate(new NDList(some)).singletonOrThrow().toFloatArray();
      }
    }

    @Override
    public void close() {
      trainer.close();
      model.close();
      optimizer.close();
    }
  }

  @ParameterizedTest
  @ValueSource(floats = {0.9f, 0.3f})
  void statisticsAreThoseOfTheValuesToEvaluate(float momentum) throws IOException, TranslateException {
    try (Training training = new Training(momentum, true)) {
      training.train(8);
      List<Object> trained = Models.values(training.model);
      training.optimizer.evaluate();
      assertTrue(training.error() > 0.05, "counted at the other values: " + training.error());
      float[] before = training.predicted();
      BatchStatistics.recount(training.trainer, training.batches());
      assertEquals(0, training.error(), 1e-4);
      float[] after = training.predicted();
      double change = 0;
      for (int i = 0; i < before.length; i++) {
        change = Math.max(change, Math.abs(before[i] - after[i]));
      }
      assertTrue(change > 0.01, "predictions see them: " + change);
      training.optimizer.train();
      // Values are back, but for what was counted.
      List<Parameter> parameters = Models.parameters(training.model);
      List<Object> back = Models.values(training.model);
      for (int i = 0; i < back.size(); i++) {
        if (parameters.get(i).requiresGradient()) {
          assertArrayEquals(Models.bits(trained.get(i)), Models.bits(back.get(i)));
        }
      }
      training.train(1);
    }
  }

  @Test
  void whatFailsLeavesTheStatisticsAsTheyWere() throws IOException, TranslateException {
    try (Training training = new Training(0.9f, true)) {
      training.train(1);
      float[] before = training.running(Parameter.Type.RUNNING_VAR);
      assertThrows(ParameterException.class, () -> BatchStatistics.recount(training.trainer, List.of()));
      List<Batch> batches = new ArrayList<>();
      training.batches().forEach(batches::add);
      batches.get(1).close();
      assertThrows(RuntimeException.class, () -> BatchStatistics.recount(training.trainer, batches));
      batches.subList(2, batches.size()).forEach(Batch::close);
      assertArrayEquals(before, training.running(Parameter.Type.RUNNING_VAR));
    }
    try (Training training = new Training(0.9f, false)) {
      assertThrows(CallOrderException.class, () -> BatchStatistics.recount(training.trainer, List.of()));
    }
  }
}
