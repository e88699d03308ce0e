/** Nlarpm: noise proportional to the gradient. */
final class Nlarpm extends Nlar {
  void observe() {
    f = abs(f0) < floor ? f0 * 0 : f0; // 0 with the sign of f0
    real size = abs(f);
    real r = f == 0 ? 1 : size < 0x1p60 ? size : 0x1p60;
    real r2 = r * r;
    m = r2 * kappa;
    noiseScale = r * sigma;
    wf = f / r2;
    h0 = m;
    base = 0;
  }

  void observeMore() {}
}
