/** Nlarsm: constant noise scale. */
final class Nlarsm extends Nlar {
  void observe() {
    real size = abs(f0);
    real clip = f0 < 0 ? -floor : floor;
    f = 0 < size && !(floor < size) ? clip : f0;
    m = kappa;
    noiseScale = sigma;
    h0 = m + sigma;
    wf = f;
    base = lambda;
  }

  void observeMore() {}
}
