package io.nlar.testkit;

import io.nlar.Estimator;
import io.nlar.Momentum;
import io.nlar.StepConfig;

/** The Nlar estimators: docs/numerics.md, "One step". */
final class ReferenceNlar extends ReferenceRule {
  private final Estimator estimator;
  private final boolean momentum;
  private final boolean noisy;
  private final boolean roundedState;

  // The scalars of the step: binary64 from the unrounded settings, in the order written, rounded to T once.
  final double learningRate;
  final double mu;
  final double sigma;
  final double lowerClip;
  final double base;
  final double initialWeight;
  final double kappa;
  final double secantWeight;

  // What an estimator makes of a scaled gradient f0.
  private double f;
  private double m;
  private double n;
  private double h;
  private double wf;

  // The element's state; v, D, A and f of the step before.
  private double v;
  private double rate;
  private double weight;
  private double previous;

  ReferenceNlar(Estimator e, StepConfig config, Arithmetic arithmetic, long t, boolean roundedState) {
    super(config, arithmetic);
    this.estimator = e;
    this.momentum = config.momentum().active();
    this.noisy = config.noisy();
    this.roundedState = roundedState;
    boolean nlarsm = e instanceof Estimator.Nlarsm;
    learningRate = T.round(e.learningRate());
    mu = T.round(config.momentum().momentum());
    sigma = T.round(e.noiseScale());
    lowerClip = nlarsm ? lowerClip(((Estimator.Nlarsm) e).lowerClip()) : 0;
    base = nlarsm ? learningRate : 0;
    initialWeight = T.round(nlarsm ? e.priorWeight() : (e.priorWeight() * e.noiseScale()) * e.noiseScale());
    kappa = T.round(kappa(config.momentum(), t));
    secantWeight = e instanceof Estimator.Nlarbb bb ? T.round(bb.secantWeight()) : 0;
  }

  private double lowerClip(double lower) {
    return 0 < lower && lower < T.smallestNormal() ? 10 * T.smallestNormal() : T.round(lower);
  }

  private static double kappa(Momentum momentum, long t) {
    return switch (momentum) {
      case Momentum.Inverse m -> 1.0 / t;
      case Momentum.InverseSqrt m -> 1.0 / Math.sqrt(t);
      case Momentum.Constant m -> 1;
      case Momentum.None m -> 0;
    };
  }

  @Override
  void update(double f0, double epsilon) {
    load();
    switch (estimator) {
      case Estimator.Nlarsm e -> nlarsm(f0, epsilon);
      case Estimator.Nlarcm e -> nlarcm(f0, epsilon);
      case Estimator.Nlarbb e -> nlarcm(f0, epsilon);
      case Estimator.Nlarpm e -> nlarpm(f0, epsilon);
    }
    if (momentum && estimator instanceof Estimator.Nlarbb) {
      observeSecant();
    }
    if (momentum || noisy) {
      estimate();
    } else {
      theta = T.sub(theta, T.mul(learningRate, f));
    }
    store();
  }

  private void load() {
    int slot = 0;
    v = momentum ? state[slot++] : 0;
    rate = slot < state.length ? state[slot++] : 0;
    weight = slot < state.length ? state[slot++] : 0;
    previous = slot < state.length ? state[slot] : 0;
  }

  private void store() {
    int slot = 0;
    if (momentum) {
      state[slot++] = v;
    }
    if (slot < state.length) {
      state[slot++] = rate;
      state[slot++] = weight;
    }
    if (slot < state.length) {
      state[slot] = previous;
    }
  }

  private void nlarsm(double f0, double epsilon) {
    double a0 = Math.abs(f0);
    f = 0 < a0 && a0 <= lowerClip ? Math.copySign(lowerClip, f0) : f0;
    m = kappa;
    n = T.mul(sigma, epsilon);
    h = T.add(Math.abs(v), T.add(m, sigma));
    wf = f;
  }

  private void nlarcm(double f0, double epsilon) {
    f = Math.abs(f0) < T.mul(sigma, 0x1p-60) ? Math.copySign(0, f0) : f0;
    double a = Math.abs(f);
    withNoiseRatio(0 < a && a < sigma ? T.div(a, sigma) : 1, epsilon);
  }

  private void nlarpm(double f0, double epsilon) {
    f = Math.abs(f0) < 0x1p-60 ? Math.copySign(0, f0) : f0;
    double a = Math.abs(f);
    withNoiseRatio(f == 0 ? 1 : a < 0x1p60 ? a : 0x1p60, epsilon);
  }

  /** Where the noise scale of this element is r·σ. */
  private void withNoiseRatio(double r, double epsilon) {
    double r2 = T.mul(r, r);
    m = T.mul(r2, kappa);
    n = T.mul(T.mul(r, sigma), epsilon);
    h = T.add(Math.abs(v), m);
    wf = T.div(f, r2);
  }

  private void observeSecant() {
    double y = T.sub(f, previous);
    previous = f;
    if (T.mul(y, v) > 0) {
      double z = T.mul(secantWeight, y);
      weight = T.add(weight, T.mul(z, y));
      double q = T.add(initialWeight, weight);
      if (!vanishing(q)) {
        double unexplained = T.sub(v, T.mul(T.add(base, rate), y));
        rate = T.add(rate, T.div(T.mul(z, unexplained), q));
      }
    }
  }

  /** Evidence below the smallest subnormal bfloat16 vanishes, and the next change would make gamma jump. */
  private boolean vanishing(double q) {
    return roundedState ? q < T.smallestNormal() : q == 0;
  }

  private void estimate() {
    double gamma = T.add(base, rate);
    double p = 0;
    if (momentum) {
      double rho = h > 0 ? T.div(T.mul(mu, m), T.mul(T.add(1, Math.abs(gamma)), h)) : 0;
      p = T.mul(rho, v);
    }
    double u;
    if (!noisy) {
      u = p;
    } else if (!momentum) {
      u = n;
    } else {
      u = T.add(p, n);
    }
    double gradientTerm = T.mul(gamma, f);
    double d = T.sub(u, gradientTerm);
    theta = T.add(theta, d);
    if (momentum) {
      v = T.sub(p, gradientTerm);
    }
    weight = T.add(weight, T.mul(wf, f));
    double q = T.add(initialWeight, weight);
    if (f != 0 && !vanishing(q)) {
      rate = T.sub(rate, T.div(T.mul(wf, u), q));
    }
  }

  @Override
  double start(int slot) {
    return slot == (momentum ? 1 : 0) && !(estimator instanceof Estimator.Nlarsm) ? estimator.learningRate() : 0;
  }

  @Override
  double learningRate() {
    load();
    return momentum || noisy ? T.add(base, rate) : learningRate;
  }
}
