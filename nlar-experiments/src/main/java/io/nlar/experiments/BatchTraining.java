package io.nlar.experiments;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** Learns from examples: batches in a shuffled order forward, backward and through the step, and a test after each epoch. */
final class BatchTraining extends Training {
  /** Draws which examples are taken where not all are: the same in every run. */
  private static final long SUBSET_SEED = 0;

  private final Problem problem;
  /** The numbers of the examples to learn from, and of those to test on. */
  private final int[] examples;
  private final int[] tests;

  BatchTraining(Problem problem, Conditions conditions) {
    super(conditions);
    this.problem = problem;
    this.examples = subset(problem.training().count(), conditions.examples());
    this.tests = subset(problem.test().count(), conditions.tests());
  }

  @Override
  Block network() {
    return problem.network().get();
  }

  @Override
  Shape input() {
    return problem.input().apply(problem.batch());
  }

  @Override
  long steps(int epochs) {
    return (long) epochs * Math.ceilDiv(examples.length, problem.batch());
  }

  @Override
  void train(Run run) {
    Random random = new Random(run.key().seed());
    RunningStatistics statistics = new RunningStatistics(run.block());
    int[] order = examples.clone();
    for (int epoch = 1; epoch <= run.epochs(); epoch++) {
      Recipe.shuffle(order, random);
      Sums sums = new Sums();
      if (!epoch(run, order, sums)) {
        return;
      }
      double score = sums.finite() ? evaluated(run, statistics, order) : Double.NaN;
      boolean diverged = Double.isNaN(score);
      double[] rates = !diverged ? run.step().rateQuartiles() : new double[] {Double.NaN, Double.NaN, Double.NaN};
      run.finish(new EpochRecord(run.key(), epoch, sums.loss / sums.batches,
          problem.objective().score(sums.score, sums.scored), score, sums.forwardBackward * NANO, sums.step * NANO, rates[0],
          rates[1], rates[2], diverged));
      if (diverged) {
        return;
      }
    }
  }

  private static int[] subset(int count, int most) {
    int[] all = IntStream.range(0, count).toArray();
    if (count <= most) {
      return all;
    }
    Recipe.shuffle(all, new Random(SUBSET_SEED));
    return Arrays.copyOf(all, most);
  }

  /** What adds up over an epoch. */
  private static final class Sums {
    private double loss;
    private int batches;
    private double score;
    private long scored;
    private long forwardBackward;
    private long step;

    boolean finite() {
      return Double.isFinite(loss);
    }
  }

  /** One epoch, or less where the loss is no longer finite; false where it was stopped. */
  private boolean epoch(Run run, int[] order, Sums sums) {
    for (int from = 0; from < order.length; from += problem.batch()) {
      if (run.stop().getAsBoolean()) {
        return false;
      }
      try (NDManager scope = run.model().getNDManager().newSubManager()) {
        Batch batch = batch(run, scope, problem.training(), order, from, problem.batch());
        long start = System.nanoTime();
        NDArray outputs;
        NDArray value;
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
          outputs = forward(run, scope, batch, true);
          value = problem.objective().loss(outputs, batch.targets());
          collector.backward(value);
        }
        addPenalty(run.parameters());
        double batchLoss = Objective.number(value);
        long middle = System.nanoTime();
        sums.forwardBackward += middle - start;
        sums.loss += batchLoss;
        sums.batches++;
        sums.scored += batch.scored();
        if (!sums.finite()) {
          return true;
        }
        run.step().step(run.parameters());
        sums.step += System.nanoTime() - middle;
        run.observer().batch(batchLoss, run.step());
        sums.score += problem.objective().sum(outputs, batch.targets(), () -> batchLoss);
      }
    }
    return true;
  }

  private static Batch batch(Run run, NDManager scope, Examples examples, int[] order, int from, int size) {
    return examples.batch(scope, run.type(), order, from, Math.min(size, order.length - from));
  }

  private static NDArray forward(Run run, NDManager scope, Batch batch, boolean training) {
    return run.block().forward(new ParameterStore(scope, false), new NDList(batch.inputs()), training).singletonOrThrow();
  }

  /** The gradient of the L2 term, added where its automatic derivation would add it. */
  private void addPenalty(List<Parameter> parameters) {
    if (problem.penalty() == 0) {
      return; // nor are rows without a gradient touched
    }
    for (Parameter parameter : parameters) {
      if (parameter.getType() == Parameter.Type.WEIGHT) {
        try (NDArray gradient = parameter.getArray().getGradient();
            NDArray term = parameter.getArray().mul(2 * problem.penalty())) {
          gradient.addi(term);
        }
      }
    }
  }

  /** The score of the values to evaluate; NaN where it is not finite: the last update broke the network. */
  private double evaluated(Run run, RunningStatistics statistics, int[] order) {
    run.step().evaluate();
    statistics.recount(batch -> {
      int from = batch * problem.batch();
      if (from >= order.length) {
        return false;
      }
      try (NDManager scope = run.model().getNDManager().newSubManager()) {
        forward(run, scope, batch(run, scope, problem.training(), order, from, problem.batch()), true);
      }
      return true;
    });
    double score = test(run);
    run.step().train();
    return Double.isFinite(score) ? score : Double.NaN;
  }

  private double test(Run run) {
    double sum = 0;
    long scored = 0;
    for (int from = 0; from < tests.length; from += problem.testBatch()) {
      try (NDManager scope = run.model().getNDManager().newSubManager()) {
        Batch batch = batch(run, scope, problem.test(), tests, from, problem.testBatch());
        NDArray outputs = forward(run, scope, batch, false);
        // x − x is 0 for finite numbers and NaN for others.
        if (Double.isNaN(Objective.number(outputs.sub(outputs).sum()))) {
          return Double.NaN;
        }
        sum += problem.objective().sum(outputs, batch.targets(),
            () -> Objective.number(problem.objective().loss(outputs, batch.targets())));
        scored += batch.scored();
      }
    }
    return problem.objective().score(sum, scored);
  }
}
