package io.nlar.testkit;

import io.nlar.Estimator;
import io.nlar.Momentum;
import io.nlar.Noise;
import io.nlar.Scaling;
import io.nlar.StepConfig;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The optimizer as the paper states it, in 60 decimal digits: the learning rate is evaluated in every step from the two
 * sums of weighted least squares over the whole history,
 *
 * <pre>
 * γ̂ = (k0·λ − Σ w·f·Δθ) / (k0 + Σ w·f²),   w = σ(t)⁻²  (1 under a constant noise scale)
 * and with secants, where Δf·v > 0:
 * γ̂ = (k0·λ − Σ w·f·Δθ + Σ η/σ²·Δf·v) / (k0 + Σ w·f² + Σ η/σ²·Δf²)
 * </pre>
 *
 * with Δθ the change that was really made, weight decay apart. It knows nothing of the innovation form, of A and D, or
 * of the guards against tiny gradients.
 */
final class TwoSums {
  private static final MathContext DIGITS = new MathContext(60);
  private static final BigDecimal ONE = BigDecimal.ONE;
  private static final BigDecimal ZERO = BigDecimal.ZERO;

  private final StepConfig config;
  /** Σ w·f·Δθ of every element. */
  private final BigDecimal[] changes;
  /** Σ w·f² of every element. */
  private final BigDecimal[] squares;
  private final BigDecimal[] theta;
  private final BigDecimal[] velocity;
  private final BigDecimal[] previous;

  TwoSums(StepConfig config, double[] theta0) {
    this.config = config;
    theta = Arrays.stream(theta0).mapToObj(BigDecimal::new).toArray(BigDecimal[]::new);
    velocity = zeros(theta0.length);
    previous = zeros(theta0.length);
    changes = zeros(theta0.length);
    squares = zeros(theta0.length);
  }

  private static BigDecimal[] zeros(int length) {
    BigDecimal[] zeros = new BigDecimal[length];
    Arrays.fill(zeros, ZERO);
    return zeros;
  }

  double[] theta() {
    return Arrays.stream(theta).mapToDouble(BigDecimal::doubleValue).toArray();
  }

  double[] velocity() {
    return Arrays.stream(velocity).mapToDouble(BigDecimal::doubleValue).toArray();
  }

  double[] learningRates() {
    return IntStream.range(0, theta.length).mapToDouble(i -> estimate(i).doubleValue()).toArray();
  }

  private BigDecimal estimate(int i) {
    BigDecimal k0 = new BigDecimal(config.estimator().priorWeight());
    BigDecimal lambda = new BigDecimal(config.estimator().learningRate());
    return k0.multiply(lambda).subtract(changes[i]).divide(k0.add(squares[i]), DIGITS);
  }

  /** Step t with gradients g, noise ε, gradient scale s and rate factor k. */
  void run(int t, double[] g, double[] epsilon, double s, double k) {
    BigDecimal[] f = scaled(g, new BigDecimal(s), new BigDecimal(k));
    BigDecimal decayed = ONE.subtract(
        new BigDecimal(config.weightDecay()).multiply(new BigDecimal(config.estimator().learningRate()))
            .multiply(new BigDecimal(k)));
    for (int i = 0; i < theta.length; i++) {
      observeSecant(i, f[i]);
      BigDecimal gamma = estimate(i);
      BigDecimal sigma = noiseScale(f[i]);
      BigDecimal momentum = momentum(t, gamma, sigma, velocity[i]);
      BigDecimal noise = config.noisy() ? sigma.multiply(new BigDecimal(epsilon[i])) : ZERO;
      BigDecimal change = momentum.add(noise).subtract(gamma.multiply(f[i]), DIGITS);
      theta[i] = theta[i].multiply(decayed).add(change, DIGITS);
      velocity[i] = momentum.subtract(gamma.multiply(f[i]), DIGITS);
      BigDecimal weight = config.estimator() instanceof Estimator.Nlarsm ? ONE : ONE.divide(sigma.pow(2), DIGITS);
      changes[i] = changes[i].add(weight.multiply(f[i]).multiply(change), DIGITS);
      squares[i] = squares[i].add(weight.multiply(f[i]).multiply(f[i]), DIGITS);
    }
  }

  /** Before the step is made: v and f of the last one, and f of this one. */
  private void observeSecant(int i, BigDecimal f) {
    if (!(config.estimator() instanceof Estimator.Nlarbb e) || !config.momentum().active()) {
      return;
    }
    BigDecimal y = f.subtract(previous[i]);
    previous[i] = f;
    if (y.signum() * velocity[i].signum() > 0) {
      BigDecimal weight = new BigDecimal(e.secantWeight()).divide(new BigDecimal(e.noiseScale()).pow(2), DIGITS);
      changes[i] = changes[i].subtract(weight.multiply(y).multiply(velocity[i]), DIGITS);
      squares[i] = squares[i].add(weight.multiply(y).multiply(y), DIGITS);
    }
  }

  /** σ(t) of one element. */
  private BigDecimal noiseScale(BigDecimal f) {
    BigDecimal sigma = new BigDecimal(config.estimator().noiseScale());
    if (f.signum() == 0) {
      return sigma;
    }
    return switch (config.estimator()) {
      case Estimator.Nlarsm e -> sigma;
      case Estimator.Nlarcm e -> sigma.min(f.abs());
      case Estimator.Nlarbb e -> sigma.min(f.abs());
      case Estimator.Nlarpm e -> sigma.multiply(f.abs());
    };
  }

  private BigDecimal momentum(int t, BigDecimal gamma, BigDecimal sigma, BigDecimal v) {
    if (!config.momentum().active()) {
      return ZERO;
    }
    BigDecimal base = new BigDecimal(config.estimator().noiseScale());
    BigDecimal decay = switch (config.momentum()) {
      case Momentum.Inverse m -> ONE.divide(new BigDecimal(t), DIGITS);
      case Momentum.InverseSqrt m -> ONE.divide(new BigDecimal(t).sqrt(DIGITS), DIGITS);
      case Momentum.Constant m -> ONE;
      case Momentum.None m -> ZERO;
    };
    // The size of the momentum follows the variance of the noise, relative to its bound σ².
    BigDecimal size = decay.multiply(sigma.divide(base, DIGITS).pow(2));
    BigDecimal spread =
        config.estimator() instanceof Estimator.Nlarsm ? v.abs().add(size).add(base) : v.abs().add(size);
    BigDecimal rho = new BigDecimal(config.momentum().momentum()).multiply(size)
        .divide(ONE.add(gamma.abs()).multiply(spread), DIGITS);
    return rho.multiply(v, DIGITS);
  }

  private BigDecimal[] scaled(double[] g, BigDecimal s, BigDecimal k) {
    BigDecimal[] x = Arrays.stream(g).mapToObj(value -> new BigDecimal(value).multiply(s)).toArray(BigDecimal[]::new);
    BigDecimal norm = Arrays.stream(x).map(value -> value.pow(2)).reduce(ZERO, BigDecimal::add).sqrt(DIGITS);
    return Arrays.stream(x).map(value -> k.multiply(bounded(value, norm), DIGITS)).toArray(BigDecimal[]::new);
  }

  private BigDecimal bounded(BigDecimal x, BigDecimal norm) {
    return switch (config.scaling()) {
      case Scaling.GlobalNorm(double bound) -> atMost(x, norm, bound);
      case Scaling.TensorNorm(double bound) -> atMost(x, norm, bound);
      case Scaling.Normalised(double bound, int power) ->
          x.multiply(new BigDecimal(bound)).divide(norm.pow(power), DIGITS);
      case Scaling.Value(double bound) -> x.min(new BigDecimal(bound)).max(new BigDecimal(-bound));
      case Scaling.Soft(double bound) ->
          new BigDecimal(bound).multiply(x).divide(new BigDecimal(bound).add(x.abs()), DIGITS);
      case Scaling.None() -> x;
    };
  }

  private static BigDecimal atMost(BigDecimal x, BigDecimal norm, double bound) {
    BigDecimal b = new BigDecimal(bound);
    return norm.compareTo(b) > 0 ? x.multiply(b).divide(norm, DIGITS) : x;
  }

  /** The noise of a step in binary64: none, the frozen of step 0, or that of the step itself. */
  static double[] noise(StepConfig config, String name, int t, int length) {
    double[] epsilon = new double[length];
    switch (config.noise()) {
      case Noise.None n -> { }
      case Noise.Frozen frozen ->
          Arrays.setAll(epsilon, i -> new ReferenceNoise(frozen, name).epsilon(i, 0, Arithmetic.BINARY64));
      case Noise.Fresh fresh ->
          Arrays.setAll(epsilon, i -> new ReferenceNoise(fresh, name).epsilon(i, t, Arithmetic.BINARY64));
    }
    return epsilon;
  }
}
