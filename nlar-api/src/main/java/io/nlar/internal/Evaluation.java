package io.nlar.internal;

import io.nlar.Buffer;
import io.nlar.DType;
import io.nlar.Slot;
import io.nlar.spi.Binding;
import io.nlar.spi.EngineBuffer;
import io.nlar.spi.GroupPlan;
import io.nlar.spi.StandardArithmetic;
import io.nlar.spi.StepEngine;
import io.nlar.spi.StepPlan;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * The values that gradients are taken at, kept in host memory while those to evaluate stand in their place: x = θ − (1 − β)·v,
 * in the element type (docs/numerics.md, "Averaged rules"). To go back is to copy them: no bit changes.
 */
final class Evaluation {
  /** A parameter whose value to evaluate is another. */
  private record Kept(EngineBuffer value, MemorySegment trained, MemorySegment evaluated) {}

  private final Arena arena = Arena.ofShared();
  private final List<Kept> parameters = new ArrayList<>();

  private Evaluation() {}

  /** Reads and computes everything; changes nothing yet. */
  static Evaluation of(StepPlan plan, StepEngine engine, List<Binding> bindings) {
    Evaluation evaluation = new Evaluation();
    try {
      for (Binding binding : bindings) {
        GroupPlan group = plan.groupOf(binding.tensor());
        if (group.rule().evaluated() != 0 && binding.tensor().length() > 0) {
          evaluation.add(group, binding.value(), engine.state(binding.tensor().index(), Slot.VELOCITY));
        }
      }
      return evaluation;
    } catch (Throwable failure) {
      evaluation.arena.close();
      throw failure;
    }
  }

  private void add(GroupPlan group, EngineBuffer value, EngineBuffer velocity) {
    MemorySegment trained = copy(value);
    MemorySegment velocities = copy(velocity);
    StandardArithmetic.compute(() -> {
      evaluate(group.type(), group.rule().evaluated(), trained, velocities);
      return null;
    });
    parameters.add(new Kept(value, trained, velocities));
  }

  private MemorySegment copy(EngineBuffer buffer) {
    MemorySegment host = arena.allocate(buffer.length() * buffer.type().bytes(), Long.BYTES);
    try (Buffer whole = buffer.slice(0, buffer.length())) {
      whole.copyTo(host);
    }
    return host;
  }

  /** Leaves the values to evaluate in the velocities' place. Of float32 each operation in binary64 is rounded to the same bits. */
  private static void evaluate(DType type, double share, MemorySegment values, MemorySegment velocities) {
    long length = values.byteSize() / type.bytes();
    for (long i = 0; i < length; i++) {
      double beyond = type.round(share * type.get(velocities, i));
      type.set(velocities, i, type.round(type.get(values, i) - beyond));
    }
  }

  /** Puts the values to evaluate in place. */
  void enter() {
    parameters.forEach(parameter -> write(parameter.value, parameter.evaluated));
  }

  /** Puts the others back, and forgets them. */
  void leave() {
    parameters.forEach(parameter -> write(parameter.value, parameter.trained));
    forget();
  }

  /** Releases the memory. */
  void forget() {
    arena.close();
  }

  private static void write(EngineBuffer buffer, MemorySegment host) {
    try (Buffer whole = buffer.slice(0, buffer.length())) {
      whole.copyFrom(host);
    }
  }
}
