/** Schedule-Free AdamW (docs/numerics.md, "Averaged rules"). */
final class ScheduleFree extends Averaged {
  void observed() {}
}
