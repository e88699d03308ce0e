/** Nlarbb: Nlarcm that observes secants too, where there is momentum and the curvature is positive. */
final class Nlarbb extends Clipped {
  void observeMore() {
    if (MOMENTUM) {
      real y = f - load(PREVIOUS);
      store(PREVIOUS, f);
      if (0 < y * v) {
        real z = eta * y;
        a = a + z * y;
        real total = q0 + a;
        boolean unknown;
        if (ROUNDED_STATE) {
          unknown = total < 0x1p-126;
        } else {
          unknown = total == 0;
        }
        d = unknown ? d : d + z * (v - (base + d) * y) / (unknown ? 1 : total);
      }
    }
  }
}
