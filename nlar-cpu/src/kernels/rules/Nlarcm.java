/** Nlarcm: the noise scale is clipped by the gradient. */
final class Nlarcm extends Clipped {
  void observeMore() {}
}
