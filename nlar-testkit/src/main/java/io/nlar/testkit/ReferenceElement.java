package io.nlar.testkit;

import io.nlar.Estimator;
import io.nlar.Scaling;
import io.nlar.StepConfig;

/**
 * The update of one element, operation by operation as docs/numerics.md lists them. Set θ, v, D and A, call
 * {@link #update}, read them back.
 */
final class ReferenceElement {
  double theta;
  double v;
  double rate;
  double weight;

  private final StepConfig config;
  private final Arithmetic T;
  private final ReferenceScalars scalar;
  private final double c;

  // What an estimator makes of a scaled gradient f0.
  private double f;
  private double m;
  private double n;
  private double h;
  private double wf;

  /**
   * The update under a group's settings.
   *
   * @param coefficient c where the scaling has one
   */
  ReferenceElement(StepConfig config, Arithmetic arithmetic, ReferenceScalars scalars, double coefficient) {
    this.config = config;
    this.T = arithmetic;
    this.scalar = scalars;
    this.c = coefficient;
  }

  /** One step with raw gradient g and noise ε; ε is not looked at without noise. */
  void update(double g, double epsilon) {
    double f0 = scaled(g);
    switch (config.estimator()) {
      case Estimator.Nlarsm e -> nlarsm(f0, epsilon);
      case Estimator.Nlarcm e -> nlarcm(f0, epsilon);
      case Estimator.Nlarpm e -> nlarpm(f0, epsilon);
    }
    if (config.momentum().active() || config.noisy()) {
      estimate();
    } else {
      theta = T.sub(decayed(), T.mul(scalar.learningRate, f));
    }
  }

  private double scaled(double g) {
    return switch (config.scaling()) {
      case Scaling.GlobalNorm s -> T.mul(g, c);
      case Scaling.TensorNorm s -> T.mul(g, c);
      case Scaling.Normalised s -> T.mul(g, c);
      case Scaling.None s -> T.mul(g, c);
      case Scaling.Value s -> {
        double b = scalar.bound;
        double x = T.mul(g, scalar.gradientScale);
        double y = x < -b ? -b : x > b ? b : x;
        yield T.mul(y, scalar.rateFactor);
      }
      case Scaling.Soft s -> {
        double b = scalar.bound;
        double x = T.mul(g, scalar.gradientScale);
        double y = T.mul(b, T.div(x, T.add(b, Math.abs(x))));
        yield T.mul(y, scalar.rateFactor);
      }
    };
  }

  private void nlarsm(double f0, double epsilon) {
    double sigma = scalar.noiseScale;
    double lower = scalar.lowerClip;
    double a0 = Math.abs(f0);
    f = 0 < a0 && a0 <= lower ? Math.copySign(lower, f0) : f0;
    m = scalar.decay;
    n = T.mul(sigma, epsilon);
    h = T.add(Math.abs(v), T.add(m, sigma));
    wf = f;
  }

  private void nlarcm(double f0, double epsilon) {
    double sigma = scalar.noiseScale;
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
    m = T.mul(r2, scalar.decay);
    n = T.mul(T.mul(r, scalar.noiseScale), epsilon);
    h = T.add(Math.abs(v), m);
    wf = T.div(f, r2);
  }

  private void estimate() {
    double gamma = T.add(scalar.base, rate);
    double p = 0;
    if (config.momentum().active()) {
      double rho = h > 0 ? T.div(T.mul(scalar.momentum, m), T.mul(T.add(1, Math.abs(gamma)), h)) : 0;
      p = T.mul(rho, v);
    }
    double u;
    if (!config.noisy()) {
      u = p;
    } else if (!config.momentum().active()) {
      u = n;
    } else {
      u = T.add(p, n);
    }
    double gradientTerm = T.mul(gamma, f);
    double d = T.sub(u, gradientTerm);
    theta = T.add(decayed(), d);
    if (config.momentum().active()) {
      v = T.sub(p, gradientTerm);
    }
    weight = T.add(weight, T.mul(wf, f));
    double q = T.add(scalar.initialWeight, weight);
    if (f != 0 && q != 0) {
      rate = T.sub(rate, T.div(T.mul(wf, u), q));
    }
  }

  /** θ after decoupled weight decay. */
  private double decayed() {
    return config.weightDecay() == 0 ? theta : T.sub(theta, T.mul(theta, scalar.weightDecay));
  }
}
