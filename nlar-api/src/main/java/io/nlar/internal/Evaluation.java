package io.nlar.internal;

import io.nlar.Buffer;
import io.nlar.DType;
import io.nlar.Slot;
import io.nlar.Storage;
import io.nlar.spi.Binding;
import io.nlar.spi.EngineBuffer;
import io.nlar.spi.GroupPlan;
import io.nlar.spi.Remainder;
import io.nlar.spi.StandardArithmetic;
import io.nlar.spi.StepEngine;
import io.nlar.spi.StepPlan;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * The values that gradients are taken at, kept in host memory while those to evaluate stand in their place: x = θ − (1 − β)·v
 * in the type of the arithmetic, of the exact θ (docs/numerics.md, "Averaged rules"). To go back is to copy them: no bit changes.
 * What is kept behind narrow values stays θ's meanwhile.
 */
final class Evaluation {
  /** A parameter whose value to evaluate is another. */
  private record Kept(EngineBuffer value, MemorySegment trained, MemorySegment evaluated) {}

  /** Host copies of all that x is made of; {@code masters} is null where values are exact themselves. */
  private record Operands(Storage storage, MemorySegment values, MemorySegment velocities, MemorySegment masters) {

    /** θ. */
    double exact(long i) {
      return switch (storage.master()) {
        case REMAINDER -> Remainder.join(half(values, i), half(masters, i));
        case FLOAT32 -> DType.FLOAT32.get(masters, i);
        case NONE, AUTO -> storage.value().get(values, i);
      };
    }

    double velocity(long i) {
      return storage.state().get(velocities, i);
    }

    /** Leaves x as a step would leave it of its θ; without a master, to nearest even. */
    void leave(double x, MemorySegment values, long i) {
      if (storage.masterSlot() == Slot.REMAINDER) {
        values.set(ValueLayout.JAVA_SHORT_UNALIGNED, i * Short.BYTES, Remainder.upper((float) x));
      } else {
        storage.value().set(values, i, x);
      }
    }

    private static short half(MemorySegment halves, long i) {
      return halves.get(ValueLayout.JAVA_SHORT_UNALIGNED, i * Short.BYTES);
    }
  }

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
          evaluation.add(group, engine, binding);
        }
      }
      return evaluation;
    } catch (Throwable failure) {
      evaluation.arena.close();
      throw failure;
    }
  }

  private void add(GroupPlan group, StepEngine engine, Binding binding) {
    EngineBuffer value = binding.value();
    int tensor = binding.tensor().index();
    Slot master = group.storage().masterSlot();
    MemorySegment trained = copy(value, arena);
    MemorySegment evaluated = arena.allocate(trained.byteSize(), Long.BYTES);
    try (Arena passing = Arena.ofShared()) {
      Operands operands = new Operands(group.storage(), trained, copy(engine.state(tensor, Slot.VELOCITY), passing),
          master == null ? null : copy(engine.state(tensor, master), passing));
      StandardArithmetic.compute(() -> {
        evaluate(operands, group.rule().evaluated(), evaluated, value.length());
        return null;
      });
    }
    parameters.add(new Kept(value, trained, evaluated));
  }

  private static MemorySegment copy(EngineBuffer buffer, Arena arena) {
    MemorySegment host = arena.allocate(buffer.length() * buffer.type().bytes(), Long.BYTES);
    try (Buffer whole = buffer.slice(0, buffer.length())) {
      whole.copyTo(host);
    }
    return host;
  }

  /** Of float32 each operation in binary64 is rounded to the same bits. */
  private static void evaluate(Operands operands, double share, MemorySegment evaluated, long length) {
    DType type = operands.storage.arithmetic();
    for (long i = 0; i < length; i++) {
      double beyond = type.round(share * operands.velocity(i));
      operands.leave(type.round(operands.exact(i) - beyond), evaluated, i);
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
