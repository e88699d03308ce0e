/** What Nlarcm and Nlarbb share: the noise scale is clipped by the gradient. */
abstract class Clipped extends Nlar {
  void observe() {
    f = f0;
    m = kappa;
    noiseScale = sigma;
    wf = f0;
    base = 0;
    // Most elements are not below sigma: theirs is r = 1, and two divisions have nothing to do.
    if (abs(f0) < sigma) {
      f = abs(f0) < floor ? f0 * 0 : f0; // 0 with the sign of f0
      real size = abs(f);
      real r = 0 < size ? size / sigma : 1;
      real r2 = r * r;
      m = r2 * kappa;
      noiseScale = r * sigma;
      wf = f / r2;
    }
    h0 = m;
  }
}
