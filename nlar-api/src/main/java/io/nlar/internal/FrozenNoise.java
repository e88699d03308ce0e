package io.nlar.internal;

import io.nlar.spi.AbstractBuffer;
import io.nlar.spi.GroupPlan;
import io.nlar.spi.Philox;
import io.nlar.spi.TensorPlan;

/** Draws the frozen noise of a tensor into its state slot. */
final class FrozenNoise {
  private FrozenNoise() {}

  static void draw(GroupPlan group, TensorPlan tensor, AbstractBuffer slot) {
    long key = group.seed() ^ tensor.nameHash();
    Pieces.forEach(slot, (piece, host, offset) -> {
      Philox.draw(key, 0, offset, offset + piece.length(), group.type(),
          (element, epsilon) -> Pieces.set(host, group.type(), element - offset, epsilon));
      piece.copyFrom(host);
    });
  }
}
