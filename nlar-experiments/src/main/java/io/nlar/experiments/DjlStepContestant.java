package io.nlar.experiments;

import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import ai.djl.training.initializer.XavierInitializer;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import io.nlar.StepConfig;
import io.nlar.bench.harness.Contestant;
import io.nlar.bench.harness.VerificationException;
import io.nlar.djl.NlarOptimizer;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/** A DJL optimizer that steps over a network of its own, as DJL's trainer has it do: once a parameter, with its gradient. */
final class DjlStepContestant implements Contestant {
  private final String name;
  private final Model model;
  private final List<Parameter> parameters;
  private final Optimizer optimizer;
  private final Runnable closing;

  private DjlStepContestant(String name, ImageExperiment experiment, Function<Model, Optimizer> optimizer,
      Consumer<Optimizer> closing) {
    this.name = name;
    this.model = Model.newInstance(experiment.label());
    Block block = experiment.network();
    block.setInitializer(new XavierInitializer(), Parameter.Type.WEIGHT);
    block.setInitializer(Initializer.ZEROS, Parameter.Type.BIAS);
    model.setBlock(block);
    block.initialize(model.getNDManager(), DataType.FLOAT32, experiment.input(experiment.batch()));
    this.parameters = block.getParameters().values().stream().filter(Parameter::requiresGradient).toList();
    this.optimizer = optimizer.apply(model);
    this.closing = () -> closing.accept(this.optimizer);
    try (NDManager scope = model.getNDManager().newSubManager();
        GradientCollector collector = Engine.getInstance().newGradientCollector()) {
      NDArray images = scope.randomUniform(0, 1, experiment.input(experiment.batch()));
      NDList scores = block.forward(new ParameterStore(scope, false), new NDList(images), true);
      collector.backward(scores.singletonOrThrow().square().mean());
    }
  }

  /** Nlarcm through the adapter, with its defaults. */
  static DjlStepContestant nlarcm(ImageExperiment experiment) {
    return new DjlStepContestant("NlarOptimizer, Nlarcm, global norm", experiment,
        model -> NlarOptimizer.builder().optConfig(StepConfig.nlarcm()).optBlock(model.getBlock()).build(),
        optimizer -> ((NlarOptimizer) optimizer).close());
  }

  /** DJL's Adam, with its defaults and no clipping. */
  static DjlStepContestant adam(ImageExperiment experiment) {
    return new DjlStepContestant("DJL Adam", experiment,
        model -> ManagedOptimizers.adam(Optimizer.adam().optLearningRateTracker(Tracker.fixed(1e-3f)),
            model::getNDManager),
        optimizer -> {});
  }

  /** The name in tables. */
  String name() {
    return name;
  }

  /** Number of parameters. */
  long parameters() {
    return parameters.stream().mapToLong(parameter -> parameter.getArray().size()).sum();
  }

  /** A step moves every tensor that has a gradient, to finite numbers, and zeroes the gradients. */
  @Override
  public void verify() {
    for (Parameter parameter : parameters) {
      if (largestGradient(parameter) == 0) {
        throw new VerificationException(name + ": " + parameter.getName() + " has no gradient to step on");
      }
    }
    double before = sum();
    run(1);
    double after = sum();
    if (!Double.isFinite(after) || before == after) {
      throw new VerificationException(name + ": the sum of all parameters went from " + before + " to " + after);
    }
    for (Parameter parameter : parameters) {
      if (largestGradient(parameter) != 0) {
        throw new VerificationException(name + ": the gradient of " + parameter.getName() + " was not zeroed");
      }
    }
  }

  private static float largestGradient(Parameter parameter) {
    try (NDArray gradient = parameter.getArray().getGradient(); NDArray sizes = gradient.abs();
        NDArray largest = sizes.max()) {
      return largest.getFloat();
    }
  }

  private double sum() {
    double sum = 0;
    for (Parameter parameter : parameters) {
      try (NDArray part = parameter.getArray().sum()) {
        sum += part.getFloat();
      }
    }
    return sum;
  }

  @Override
  public void run(long times) {
    for (long i = 0; i < times; i++) {
      for (Parameter parameter : parameters) {
        try (NDArray gradient = parameter.getArray().getGradient()) {
          optimizer.update(parameter.getId(), parameter.getArray(), gradient);
        }
      }
    }
  }

  @Override
  public void close() {
    closing.run();
    model.close();
  }
}
