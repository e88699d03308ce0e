package io.nlar.internal;

import io.nlar.DType;
import io.nlar.Slot;
import io.nlar.spi.Binding;
import io.nlar.spi.EngineBuffer;
import io.nlar.spi.StandardArithmetic;
import io.nlar.spi.StepEngine;
import io.nlar.spi.StepPlan;
import java.lang.foreign.MemorySegment;

/** What is kept beside narrow values, set anew from the values. */
final class Masters {
  private Masters() {}

  /** Makes the value of {@code binding} the exact one. */
  static void take(StepPlan plan, StepEngine engine, Binding binding) {
    Slot slot = plan.groupOf(binding.tensor()).storage().masterSlot();
    if (slot == null || binding.tensor().length() == 0) {
      return;
    }
    EngineBuffer state = engine.state(binding.tensor().index(), slot);
    switch (plan.groupOf(binding.tensor()).storage().master()) {
      case REMAINDER -> state.fill(0);
      case FLOAT32 -> widen(binding.value(), state);
      case NONE, AUTO -> { }
    }
  }

  private static void widen(EngineBuffer values, EngineBuffer masters) {
    DType narrow = values.type();
    DType wide = masters.type();
    Pieces.forEach(values, (piece, host, offset) -> {
      piece.copyTo(host);
      byte[] widened = new byte[(int) (piece.length() * wide.bytes())];
      MemorySegment to = MemorySegment.ofArray(widened);
      // A thread that takes subnormal numbers for 0 would lose them here.
      StandardArithmetic.compute(() -> {
        for (long i = 0; i < piece.length(); i++) {
          wide.set(to, i, narrow.get(host, i));
        }
        return widened;
      });
      try (var part = masters.slice(offset, piece.length())) {
        part.copyFrom(to);
      }
    });
  }
}
