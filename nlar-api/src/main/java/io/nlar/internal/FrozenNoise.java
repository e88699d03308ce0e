package io.nlar.internal;

import io.nlar.spi.EngineBuffer;
import io.nlar.spi.GroupPlan;
import io.nlar.spi.Philox;
import io.nlar.spi.TensorPlan;

/** Draws the frozen noise of a tensor into its state slot. */
final class FrozenNoise {
  /** Elements drawn at once. */
  private static final int DRAWS = 1024;

  private FrozenNoise() {}

  static void draw(GroupPlan group, TensorPlan tensor, EngineBuffer slot) {
    long key = group.seed() ^ tensor.nameHash();
    double[] epsilon = new double[DRAWS];
    Pieces.forEach(slot, (piece, host, offset) -> {
      for (long from = 0; from < piece.length(); from += DRAWS) {
        int count = (int) Math.min(DRAWS, piece.length() - from);
        Philox.draw(
            group.config().noise().distribution(), key, 0, tensor.offset() + offset + from, group.type(), epsilon, count);
        for (int i = 0; i < count; i++) {
          group.type().set(host, from + i, epsilon[i]);
        }
      }
      piece.copyFrom(host);
    });
  }
}
