package io.nlar.spark.djl;

import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.loss.Loss;
import io.nlar.spark.GradientSource;
import io.nlar.spark.Gradients;
import io.nlar.spark.TrainingException;
import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Gradients of a block and a loss, by DJL's default engine on the CPU. Parameters are FLOAT32 and have the names that DJL gives
 * them within the block. Those that need no gradient, such as the averages of a batch normalisation, are each worker's own.
 *
 * <p>PyTorch collects gradients in one thread of a process at a time: workers of one executor take turns. Its results depend on its number of
 * threads ({@code -Dai.djl.pytorch.num_threads=1} among the executors' Java options makes it one).
 */
public final class DjlGradients implements Gradients {
  private static final Object TURN = new Object();
  private static final NDIndex EVERYTHING = new NDIndex("...");

  private final DjlModel description;
  private final Model model;
  private final Block block;
  private final Loss loss;
  private final Map<String, Parameter> parameters;
  private long loaded = -1;

  private DjlGradients(DjlModel description) {
    this.description = description;
    model = Model.newInstance("worker");
    block = description.block();
    loss = description.loss();
    model.setBlock(block);
    block.initialize(model.getNDManager(), DataType.FLOAT32, description.inputs());
    parameters = trained(block);
  }

  private static Map<String, Parameter> trained(Block block) {
    Map<String, Parameter> trained = new LinkedHashMap<>();
    block.getParameters().forEach(pair -> {
      if (pair.getValue().requiresGradient()) {
        trained.put(pair.getKey(), pair.getValue());
      }
    });
    return trained;
  }

  /** What opens the model on each worker. */
  public static GradientSource of(DjlModel model) {
    return () -> {
      synchronized (TURN) {
        return new DjlGradients(model);
      }
    };
  }

  /** Initial values as the block's initialisers draw them, for {@link io.nlar.spark.SparkTraining#add}; in this process. */
  public static Map<String, float[]> initialValues(DjlModel model, int seed) {
    synchronized (TURN) {
      Engine.getInstance().setRandomSeed(seed);
      try (DjlGradients opened = new DjlGradients(model)) {
        Map<String, float[]> values = new LinkedHashMap<>();
        opened.parameters.forEach((name, parameter) -> values.put(name, parameter.getArray().toFloatArray()));
        return values;
      }
    }
  }

  /** Puts trained values into a block that is initialised. */
  public static void load(Map<String, float[]> values, Block block) {
    trained(block).forEach((name, parameter) -> {
      float[] trained = values.get(name);
      if (trained == null || trained.length != parameter.getArray().size()) {
        throw new TrainingException("there are no values for the block's parameter '" + name + "' of "
            + parameter.getArray().size() + " elements, but for " + values.keySet());
      }
      parameter.getArray().set(FloatBuffer.wrap(trained));
    });
  }

  @Override
  public double compute(long step, int microBatch, Map<String, float[]> values, Map<String, float[]> gradients) throws Exception {
    synchronized (TURN) {
      if (step != loaded) {
        load(values, block);
        loaded = step;
      }
      try (NDManager scope = model.getNDManager().newSubManager()) {
        DjlModel.Examples examples = description.examples(scope, step, microBatch);
        NDArray value;
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
          NDList output = block.forward(new ParameterStore(scope, false), examples.data(), true);
          value = loss.evaluate(examples.labels(), output);
          collector.backward(value);
        }
        parameters.forEach((name, parameter) -> {
          try (NDArray gradient = parameter.getArray().getGradient()) {
            float[] found = gradient.toFloatArray();
            System.arraycopy(found, 0, gradients.get(name), 0, found.length);
            gradient.set(EVERYTHING, 0f); // DJL adds to it; in place, for another memory would go with this view of the gradient
          }
        });
        return value.getFloat();
      }
    }
  }

  @Override
  public void close() {
    model.close();
  }
}
