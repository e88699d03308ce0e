package io.nlar.experiments;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import io.nlar.Backends;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.Precision;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A float32 network above values of 16 bits sees them as they are kept. */
class NarrowStepTest {

  @ParameterizedTest
  @EnumSource(names = {"BFLOAT16", "FLOAT16"})
  void theNetworkSeesWhatIsKept(DType type) {
    DjlEngine.start();
    try (Device device = Backends.open("cpu"); Model model = Model.newInstance("narrow")) {
      Block block = ImageExperiment.DIGITS.network();
      model.setBlock(block);
      block.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 64));
      List<Parameter> parameters = List.copyOf(block.getParameters().values());
      try (NarrowStep step = new NarrowStep(new OptimizerChoice("nlarcm").config(0.1).withPrecision(Precision.compact()),
          number -> 1, type, device, block)) {
        for (int i = 0; i < 5; i++) {
          double before = squares(parameters, type);
          backward(parameters);
          step.step(parameters);
          assertTrue(squares(parameters, type) < before, "the squares that are the loss get less");
          assertEquals(0.1 * Math.sqrt(before), step.norm(), 0.001 * Math.sqrt(before), "scaled or not, the norm is the loss's");
          for (Parameter parameter : parameters) {
            try (NDArray gradient = parameter.getArray().getGradient()) {
              assertEquals(0, gradient.abs().sum().getFloat());
            }
          }
        }
        assertEquals(0, step.skipped());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"BFLOAT16", "FLOAT16"})
  void theNetworkSeesTheValuesToEvaluateAndItsOwnAgain(DType type) {
    DjlEngine.start();
    try (Device device = Backends.open("cpu"); Model model = Model.newInstance("narrow")) {
      Block block = ImageExperiment.DIGITS.network();
      model.setBlock(block);
      block.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 64));
      List<Parameter> parameters = List.copyOf(block.getParameters().values());
      try (NarrowStep step = new NarrowStep(new OptimizerChoice("nlarsf").ownSettings(0.1).orElseThrow().withPrecision(Precision.compact()),
          number -> 1, type, device, block)) {
        for (int i = 0; i < 3; i++) {
          backward(parameters);
          step.step(parameters);
        }
        double trained = squares(parameters, type);
        step.evaluate();
        assertTrue(squares(parameters, type) > trained, squares(parameters, type) + " are not more than " + trained);
        step.train();
        assertEquals(trained, squares(parameters, type));
      }
    }
  }

  /** Gradients of 0.05·Σθ². */
  private static void backward(List<Parameter> parameters) {
    try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
      NDArray loss = null;
      for (Parameter parameter : parameters) {
        NDArray own = parameter.getArray().square().sum();
        loss = loss == null ? own : loss.add(own);
      }
      collector.backward(loss.mul(0.05)); // float16 holds 65 536 times its gradients
    }
  }

  /** Σθ²; fails where a θ is not of the type. */
  private static double squares(List<Parameter> parameters, DType type) {
    double sum = 0;
    for (Parameter parameter : parameters) {
      for (float value : parameter.getArray().toFloatArray()) {
        assertEquals(type.round(value), value);
        sum += value * value;
      }
    }
    return sum;
  }
}
