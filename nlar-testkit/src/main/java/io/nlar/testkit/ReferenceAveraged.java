package io.nlar.testkit;

import io.nlar.Nlarsf;
import io.nlar.ScheduleFree;
import io.nlar.Slot;
import io.nlar.StepConfig;

/** Schedule-Free AdamW and Nlarsf: docs/numerics.md, "Averaged rules". */
final class ReferenceAveraged extends ReferenceRule {
  private static final int VELOCITY = 0;
  private static final int SQUARE = 1;

  private final StepConfig config;
  private final double k;
  private final double root;
  private final double beta;
  private final double beta2;
  private final double unit;
  private final double epsilon;

  // The scalars of a parameter.
  private double pull;
  private double stride;
  private double share;
  private double alpha;
  private double gamma;

  /** d and the velocity before the last update, in T. */
  double direction;
  double before;

  ReferenceAveraged(StepConfig config, Arithmetic arithmetic, long t, double k, long elements) {
    super(config, arithmetic);
    this.config = config;
    this.k = k;
    double rootOfN = Math.sqrt(elements == 0 ? 1 : elements);
    switch (config.rule()) {
      case Nlarsf r -> {
        beta = r.beta();
        beta2 = r.beta2();
        epsilon = T.round(r.epsilon());
        unit = rootOfN;
      }
      case ScheduleFree r -> {
        beta = r.beta1();
        beta2 = r.beta2();
        epsilon = T.round(r.epsilon());
        unit = r.unit() == ScheduleFree.Unit.INVERSE_ROOT ? rootOfN : 1;
      }
      default -> throw new IllegalArgumentException(config.rule() + " does not average");
    }
    root = T.round(Math.sqrt(1 - ReferenceAdamW.power(beta2, t)));
  }

  /** Starts a parameter's numbers. */
  void start(ReferenceTensor tensor) {
    if (config.rule() instanceof Nlarsf r) {
      tensor.state(Slot.LOG_RATE)[0] =
          StrictMath.log(r.learningRate() < r.largestRate() ? r.learningRate() : r.largestRate());
      tensor.state(Slot.EVIDENCE)[0] = 1;
    }
  }

  @Override
  void begin(ReferenceTensor tensor) {
    double averaged = tensor.state(Slot.AVERAGED)[0];
    gamma = config.rule() instanceof Nlarsf ? ReferenceExponential.of(tensor.state(Slot.LOG_RATE)[0])
        : config.rule().learningRate();
    double w = weight(tensor);
    double c = averaged + w > 0 ? w / (averaged + w) : 0;
    double rate = k * gamma / unit;
    pull = T.round(beta * c);
    stride = T.round((1 - beta + beta * c) * rate);
    share = T.round(1 - c);
    alpha = T.round(rate);
  }

  private double weight(ReferenceTensor tensor) {
    double rate = k * gamma;
    if (config.rule() instanceof ScheduleFree && tensor.state(Slot.PEAK)[0] >= rate) {
      rate = tensor.state(Slot.PEAK)[0];
    }
    return rate * rate;
  }

  @Override
  void update(double f, double noise) {
    double a = T.add(T.mul(state[SQUARE], T.round(beta2)), T.mul(T.mul(T.round(1 - beta2), f), f));
    double d = T.div(f, T.add(T.div(T.sqrt(a), root), epsilon));
    double v = state[VELOCITY];
    double u = config.weightDecay() == 0 ? d : T.add(d, T.mul(T.round(config.weightDecay()), theta));
    theta = T.sub(T.add(theta, T.mul(pull, v)), T.mul(stride, u));
    state[VELOCITY] = T.mul(share, T.sub(v, T.mul(alpha, u)));
    state[SQUARE] = a;
    direction = d;
    before = v;
  }

  @Override
  void end(ReferenceTensor tensor) {
    tensor.state(Slot.AVERAGED)[0] = tensor.state(Slot.AVERAGED)[0] + weight(tensor);
    if (config.rule() instanceof ScheduleFree && k * gamma > tensor.state(Slot.PEAK)[0]) {
      tensor.state(Slot.PEAK)[0] = k * gamma;
    }
  }

  @Override
  double start(int slot) {
    return 0;
  }

  @Override
  double learningRate() {
    return T.round(gamma);
  }
}
