/** What the Nlar estimators share: the estimate in innovation form (docs/numerics.md, "One step"). */
abstract class Nlar extends Element {
  // Scalars, in the order of io.nlar.spi.NlarPlan: lambda, mu, sigma, the gradient's floor, Q0, kappa and
  // the secant weight.
  real lambda, mu, sigma, floor, q0, kappa, eta;

  boolean MOMENTUM = FORM.equals("momentum");
  boolean ESTIMATING = MOMENTUM || NOISE;

  // Slots, in the order of io.nlar.spi.NlarPlan.
  int VELOCITY = 0;
  int RATE = MOMENTUM ? 1 : 0;
  int WEIGHT = RATE + 1;
  int PREVIOUS = WEIGHT + 1;

  /** The estimator: from f0 its f, m, noiseScale (of this element), h0 (what |v| lacks to be h), wf and base. */
  abstract void observe();

  /** What is observed beside the changes, of which d and a are to know; nothing, mostly. */
  abstract void observeMore();

  void update() {
    real f, m, noiseScale, h0, wf, base;
    observe();
    if (ESTIMATING) {
      real d = load(RATE);
      real a = load(WEIGHT);
      real v = 0;
      if (MOMENTUM) {
        v = load(VELOCITY);
      }
      observeMore();
      real gamma = base + d;
      real gammaF = gamma * f;
      real u = 0;
      if (MOMENTUM) {
        real h = abs(v) + h0;
        real quotient = mu * m / ((1 + abs(gamma)) * h);
        real p = (0 < h ? quotient : 0) * v;
        store(VELOCITY, p - gammaF);
        u = p;
      }
      if (NOISE) {
        real n = noiseScale * load(EPSILON);
        u = MOMENTUM ? u + n : n;
      }
      theta = theta + (u - gammaF);

      // What this change tells of gamma.
      a = a + wf * f;
      store(WEIGHT, a);
      real q = q0 + a;
      boolean unchanged;
      if (ROUNDED_STATE) {
        // Evidence below the smallest subnormal bfloat16 vanishes, and the next change would make gamma jump.
        unchanged = f == 0 || q < 0x1p-126;
      } else {
        unchanged = f == 0 || q == 0;
      }
      // Where nothing changes, q is often subnormal, and dividing by that slow; 1 is as good there.
      real divisor = unchanged ? 1 : q;
      store(RATE, unchanged ? d : d - wf * u / divisor);
    } else {
      theta = theta - lambda * f;
    }
  }
}
