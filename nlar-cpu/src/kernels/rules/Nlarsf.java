/** Nlarsf: what its rates are learned from is left behind the state (docs/numerics.md, "Averaged rules"). */
final class Nlarsf extends Averaged {
  int DIRECTION = 2;
  int BEFORE = 3;

  void observed() {
    store(DIRECTION, d);
    store(BEFORE, v);
  }
}
