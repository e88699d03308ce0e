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
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Balances a pole: episodes with updates in every step, and tests after each. */
final class CartPoleTraining extends Training {
  static final int REPLAY = 10_000;
  /** Learning starts with so many transitions. */
  static final int FIRST = 1000;
  static final double DECAY = 0.995;
  static final double LEAST = 0.01;
  /** Episodes of a test. */
  static final int TESTS = 10;

  CartPoleTraining(Conditions conditions) {
    super(conditions);
  }

  @Override
  Block network() {
    return QNetwork.block();
  }

  @Override
  Shape input() {
    return new Shape(1, CartPoleSystem.SIZE);
  }

  /** As many as if the pole never fell. */
  @Override
  long steps(int epochs) {
    return Math.max(0, (long) epochs * CartPoleSystem.MOST_STEPS - FIRST + 1);
  }

  @Override
  void train(Run run) {
    try (NDManager scope = run.model().getNDManager().newSubManager()) {
      new Learner(run, scope).learn();
    }
  }

  /** A run: the agent, its memory and its chances. */
  private static final class Learner {
    private final Run run;
    private final List<HostTensor> weights = new ArrayList<>();
    private final List<HostTensor> gradients = new ArrayList<>();
    private final DoubleQ learning = new DoubleQ();
    private final ReplayBuffer replay = new ReplayBuffer(REPLAY);
    private final CartPoleSystem system = new CartPoleSystem();
    private final QNetwork.Pass single = new QNetwork.Pass(1);
    private final double[][] input = new double[CartPoleSystem.SIZE][1];
    private final QNetwork.Pass tests = new QNetwork.Pass(TESTS);
    private final double[][] tested = new double[CartPoleSystem.SIZE][TESTS];
    private final double[] state = new double[CartPoleSystem.SIZE];
    private final double[] next = new double[CartPoleSystem.SIZE];
    /** Chance in acting and in learning; tests have their own, so that they change nothing. */
    private final Random random;
    private final Random testing;
    private double exploration = 1;
    private int updates;

    Learner(Run run, NDManager scope) {
      this.run = run;
      this.random = new Random(run.key().seed());
      this.testing = new Random(~run.key().seed());
      // DJL makes a tensor's gradient when something is derived by it for the first time.
      try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
        NDArray zeros = scope.zeros(new Shape(1, CartPoleSystem.SIZE), run.type());
        collector.backward(run.block().forward(new ParameterStore(scope, false), new NDList(zeros), true)
            .singletonOrThrow().sum());
      }
      for (Parameter parameter : run.parameters()) {
        weights.add(new HostTensor(parameter.getArray()));
        NDArray gradient = parameter.getArray().getGradient();
        gradient.attach(scope);
        gradients.add(new HostTensor(gradient));
      }
      learning.online().read(weights);
      learning.refresh();
    }

    /** What adds up over an episode. */
    private static final class Sums {
      private double loss;
      private double last;
      private int updates;
      private long forwardBackward;
      private long step;
    }

    void learn() {
      List<Double> window = new ArrayList<>();
      for (int episode = 1; episode <= run.epochs(); episode++) {
        Sums sums = new Sums();
        if (!episode(sums)) {
          return;
        }
        int steps = system.steps();
        double score = Double.isFinite(sums.loss) ? testEvaluated() : Double.NaN;
        boolean diverged = Double.isNaN(score);
        double rate = run.key().initialRate();
        if (sums.updates > 0) {
          run.observer().batch(sums.last, run.step()); // one an episode: there are thousands of updates
        }
        double[] rates = diverged ? new double[] {Double.NaN, Double.NaN, Double.NaN}
            : updates == 0 ? new double[] {rate, rate, rate} : run.step().rateQuartiles();
        run.finish(new EpochRecord(run.key(), episode, sums.loss / sums.updates, steps, score,
            sums.forwardBackward * NANO, sums.step * NANO, rates[0], rates[1], rates[2], diverged));
        window.add(score);
        if (window.size() > Measure.RETURN.window()) {
          window.removeFirst();
        }
        if (diverged || Measure.RETURN.solved(window.stream().mapToDouble(s -> s).average().orElseThrow(), episode)) {
          return;
        }
      }
    }

    /** One episode, or less where the loss is no longer finite; false where it was stopped. */
    private boolean episode(Sums sums) {
      system.start(random);
      while (!system.over()) {
        if (run.stop().getAsBoolean()) {
          return false;
        }
        system.state(state);
        int action = random.nextDouble() < exploration ? random.nextInt(CartPoleSystem.ACTIONS) : best();
        system.push(action);
        system.state(next);
        replay.add(state, action, next, system.over());
        if (replay.count() >= FIRST && !update(sums)) {
          return true;
        }
      }
      return true;
    }

    /** The action that promises most. */
    private int best() {
      system.state(input, 0);
      learning.online().forward(input, single);
      return single.best(0);
    }

    /** Learns from one batch; false where the loss is no longer finite. */
    private boolean update(Sums sums) {
      long start = System.nanoTime();
      double loss = learning.gradients(replay, random);
      learning.online().addPenalty(run.parameters(), Recipe.L2);
      learning.online().writeGradients(gradients);
      long middle = System.nanoTime();
      sums.forwardBackward += middle - start;
      sums.loss += loss;
      sums.last = loss;
      sums.updates++;
      if (!Double.isFinite(loss)) {
        return false;
      }
      run.step().step(run.parameters());
      sums.step += System.nanoTime() - middle;
      learning.online().read(weights);
      updates++;
      if (updates % DoubleQ.REFRESH == 0) {
        learning.refresh();
      }
      exploration = Math.max(LEAST, exploration * DECAY);
      return true;
    }

    /** The test of the values to evaluate. */
    private double testEvaluated() {
      run.step().evaluate();
      learning.online().read(weights);
      double score = test();
      run.step().train();
      learning.online().read(weights);
      return score;
    }

    /** Mean return of some episodes without exploration; NaN where the network was broken by its last update. */
    private double test() {
      List<CartPoleSystem> systems = new ArrayList<>();
      for (int i = 0; i < TESTS; i++) {
        systems.add(new CartPoleSystem());
        systems.getLast().start(testing);
      }
      while (!systems.stream().allMatch(CartPoleSystem::over)) {
        for (int i = 0; i < TESTS; i++) {
          systems.get(i).state(tested, i);
        }
        learning.online().forward(tested, tests);
        for (int i = 0; i < TESTS; i++) {
          if (!Double.isFinite(tests.values()[0][i]) || !Double.isFinite(tests.values()[1][i])) {
            return Double.NaN;
          }
          if (!systems.get(i).over()) {
            systems.get(i).push(tests.best(i));
          }
        }
      }
      return systems.stream().mapToInt(CartPoleSystem::steps).average().orElseThrow();
    }
  }
}
