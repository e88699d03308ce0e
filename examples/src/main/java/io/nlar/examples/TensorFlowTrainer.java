package io.nlar.examples;

import io.nlar.Backends;
import io.nlar.Buffer;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.Parameter;
import io.nlar.ParameterGroup;
import io.nlar.Step;
import io.nlar.StepConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataStorageVisitor;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Gradients;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;

/**
 * TensorFlow makes the gradients, Nlar the step, on TensorFlow's own memory: a network with one hidden layer learns
 * whether a point lies in a ring.
 *
 * <p>The parameters are tensors that are fed to every run, so that TensorFlow reads what the step has written; gradients
 * are fetched, new ones each time, and bound where they are. Nothing is copied.
 *
 * <p>Needs nlar-cpu, and TensorFlow's tensorflow-core-api with the tensorflow-core-native of your system. Run it with
 * {@code --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED}.
 */
public final class TensorFlowTrainer {
  private static final int POINTS = 500;
  private static final int HIDDEN = 16;
  private static final int EPOCHS = 1000;

  private TensorFlowTrainer() {}

  /** Address of a tensor's first element. */
  static long address(Tensor tensor) {
    return tensor.asRawTensor().data().accept(new DataStorageVisitor<Long>() {
      @Override
      public Long visit(long address, long length, long scale) {
        return address;
      }

      @Override
      public Long fallback() {
        throw new IllegalStateException("the tensor " + tensor + " is not in native memory of the CPU");
      }
    });
  }

  /** A tensor's memory, as it is. */
  private static Buffer wrap(Device device, TFloat32 tensor) {
    return device.wrap(DType.FLOAT32, tensor.size(), address(tensor));
  }

  private static TFloat32 random(Random random, double scale, long... shape) {
    return TFloat32.tensorOf(Shape.of(shape), data -> data.scalars()
        .forEach(element -> element.setFloat((float) (scale * random.nextGaussian()))));
  }

  /** Trains and prints how many points are told right. */
  public static void main(String[] args) {
    Random random = new Random(1);
    try (Graph graph = new Graph(); Session session = new Session(graph);
        TFloat32 points = TFloat32.tensorOf(Shape.of(POINTS, 2));
        TFloat32 labels = TFloat32.tensorOf(Shape.of(POINTS, 1));
        Device device = Backends.open("cpu")) {
      for (int i = 0; i < POINTS; i++) {
        float x = 2 * random.nextFloat() - 1;
        float y = 2 * random.nextFloat() - 1;
        double radius = Math.hypot(x, y);
        points.setFloat(x, i, 0).setFloat(y, i, 1);
        labels.setFloat(radius > 0.4 && radius < 0.9 ? 1 : 0, i, 0);
      }

      Ops tf = Ops.create(graph);
      List<String> names = List.of("in", "inBias", "out", "outBias");
      List<TFloat32> values = List.of(random(random, 1, 2, HIDDEN), random(random, 1, HIDDEN),
          random(random, 0.25, HIDDEN, 1), random(random, 0, 1));
      List<Placeholder<TFloat32>> fed = values.stream()
          .map(value -> tf.placeholder(TFloat32.class, Placeholder.shape(value.shape()))).toList();
      Operand<TFloat32> hidden = tf.math.tanh(
          tf.math.add(tf.linalg.matMul(tf.constantOf(points), fed.get(0)), fed.get(1)));
      Operand<TFloat32> logits = tf.math.add(tf.linalg.matMul(hidden, fed.get(2)), fed.get(3));
      // Mean cross-entropy of the sigmoid: softplus(z) - z * label.
      Operand<TFloat32> loss = tf.math.mean(
          tf.math.sub(tf.math.softplus(logits), tf.math.mul(logits, tf.constantOf(labels))), tf.constant(new int[] {0, 1}));
      Gradients gradients = tf.gradients(loss, fed);
      Operand<TFloat32> right = tf.math.mean(tf.dtypes.cast(tf.math.equal(tf.math.greater(logits, tf.constant(0f)),
          tf.math.greater(tf.constantOf(labels), tf.constant(0.5f))), TFloat32.class), tf.constant(new int[] {0, 1}));

      // Without gradients at first: they come with the first run.
      List<Buffer> valueBuffers = values.stream().map(value -> wrap(device, value)).toList();
      List<Parameter> parameters = new ArrayList<>();
      for (int i = 0; i < names.size(); i++) {
        parameters.add(new Parameter(names.get(i), valueBuffers.get(i), null));
      }
      Step step = device.compile(List.of(new ParameterGroup(StepConfig.nlarcm(), parameters)));

      List<Buffer> bound = List.of();
      for (int epoch = 0; epoch < EPOCHS; epoch++) {
        Session.Runner runner = session.runner();
        for (int i = 0; i < names.size(); i++) {
          runner.feed(fed.get(i), values.get(i)).fetch(gradients.dy(i));
        }
        try (Result made = runner.run()) {
          List<Buffer> before = bound;
          bound = new ArrayList<>();
          for (int i = 0; i < names.size(); i++) {
            bound.add(wrap(device, (TFloat32) made.get(i)));
            parameters.set(i, new Parameter(names.get(i), valueBuffers.get(i), bound.get(i)));
          }
          step.rebind(parameters);
          before.forEach(Buffer::close);
          step.run(); // done when it returns, as on every device with host memory
        }
      }

      Session.Runner runner = session.runner();
      for (int i = 0; i < names.size(); i++) {
        runner.feed(fed.get(i), values.get(i));
      }
      try (Result made = runner.fetch(right).run()) {
        System.out.println("accuracy " + ((TFloat32) made.get(0)).getFloat());
      }
      values.forEach(TFloat32::close);
    }
  }
}
