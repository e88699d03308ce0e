/**
 * One element's step, whatever its rule: the gradient scaled, the value decayed, then the rule's update. The language of
 * these files is described in README.md beside them.
 */
abstract class Element {
  // Scalars, in the order of io.nlar.cpu.kernel.ApplyKernel.FRAME.
  real c, s, k, bound, decay;

  /** The rule: turns f0, theta and the state into the new theta and state. */
  abstract void update();

  /** What weight decay takes from the value before the update. */
  void lessen() {
    if (WEIGHT_DECAY) {
      theta = theta - theta * decay;
    }
  }

  void element() {
    real g = load(GRADIENT);
    if (ZERO_GRADIENT) {
      store(GRADIENT, 0);
    }
    real f0;
    if (CLIPPED) {
      real x = g * s;
      f0 = (x < -bound ? -bound : bound < x ? bound : x) * k;
    } else if (SOFT) {
      real x = g * s;
      f0 = bound * (x / (bound + abs(x))) * k;
    } else {
      f0 = g * c;
    }
    real theta;
    if (UPDATES) {
      // Only what changes is wanted: from a zero that adds nothing.
      if (WEIGHT_DECAY) {
        theta = -(load(VALUE) * decay);
      } else {
        theta = -0.0;
      }
    } else {
      theta = load(VALUE);
      lessen();
    }
    update();
    if (UPDATES) {
      store(UPDATE, NEGATED ? -theta : theta);
    } else {
      store(VALUE, theta);
    }
  }
}
