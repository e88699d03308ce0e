package io.nlar.djl;

import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.XavierInitializer;
import ai.djl.training.loss.Loss;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A small network with random data, and its tensors as Java arrays. */
final class Models {
  static final int INPUTS = 20;
  static final int CLASSES = 4;
  static final int BATCH = 16;

  private Models() {}

  static Model network(int seed, DataType type) {
    Engine.getInstance().setRandomSeed(seed);
    Model model = Model.newInstance("small");
    Block block = new SequentialBlock()
        .add(Linear.builder().setUnits(33).build()).add(Activation::relu)
        .add(Linear.builder().setUnits(33).build()).add(Activation::relu)
        .add(Linear.builder().setUnits(CLASSES).build());
    block.setInitializer(new XavierInitializer(), Parameter.Type.WEIGHT);
    model.setDataType(type);
    model.setBlock(block);
    return model;
  }

  static Model initialised(int seed, DataType type) {
    Model model = network(seed, type);
    model.getBlock().initialize(model.getNDManager(), type, new Shape(BATCH, INPUTS));
    return model;
  }

  static NDArray inputs(NDManager manager, Random random, DataType type) {
    float[] values = new float[BATCH * INPUTS];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat();
    }
    return manager.create(values, new Shape(BATCH, INPUTS)).toType(type, true);
  }

  static NDArray labels(NDManager manager, Random random) {
    return manager.create(random.ints(BATCH, 0, CLASSES).asLongStream().toArray());
  }

  /** One forward and backward pass; gradients accumulate in the parameters. */
  static void backward(Model model, Random random, DataType type) {
    try (NDManager scope = model.getNDManager().newSubManager()) {
      NDArray inputs = inputs(scope, random, type);
      NDArray labels = labels(scope, random);
      ParameterStore store = new ParameterStore(scope, false);
      try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
        NDList outputs = model.getBlock().forward(store, new NDList(inputs), true);
        collector.backward(Loss.softmaxCrossEntropyLoss().evaluate(new NDList(labels), outputs));
      }
    }
  }

  static List<Parameter> parameters(Model model) {
    return List.copyOf(model.getBlock().getParameters().values());
  }

  /** Hands all parameters over, first to last. */
  static void update(NlarOptimizer optimizer, List<Parameter> parameters) {
    for (Parameter parameter : parameters) {
      try (NDArray gradient = parameter.getArray().getGradient()) {
        optimizer.update(parameter.getId(), parameter.getArray(), gradient);
      }
    }
  }

  static Object values(NDArray array) {
    return array.getDataType() == DataType.FLOAT32 ? array.toFloatArray() : array.toDoubleArray();
  }

  static List<Object> values(Model model) {
    List<Object> all = new ArrayList<>();
    for (Parameter parameter : parameters(model)) {
      all.add(values(parameter.getArray()));
    }
    return all;
  }

  static List<Object> gradients(Model model) {
    List<Object> all = new ArrayList<>();
    for (Parameter parameter : parameters(model)) {
      try (NDArray gradient = parameter.getArray().getGradient()) {
        all.add(values(gradient));
      }
    }
    return all;
  }

  static MemorySegment segment(Object array) {
    return array instanceof float[] floats ? MemorySegment.ofArray(floats) : MemorySegment.ofArray((double[]) array);
  }

  /** Bits of a float or double array. */
  static byte[] bits(Object array) {
    return segment(array).toArray(ValueLayout.JAVA_BYTE);
  }
}
