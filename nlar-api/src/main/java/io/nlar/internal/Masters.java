package io.nlar.internal;

import io.nlar.Buffer;
import io.nlar.Slot;
import io.nlar.spi.Binding;
import io.nlar.spi.EngineBuffer;
import io.nlar.spi.StepEngine;
import io.nlar.spi.StepPlan;

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
    Pieces.forEach(values, (piece, host, offset) -> {
      piece.copyTo(host);
      try (Buffer part = masters.slice(offset, piece.length())) {
        part.copyFrom(Conversion.of(host, values.type(), masters.type()));
      }
    });
  }
}
