package io.nlar.internal;

import io.nlar.ParameterException;
import io.nlar.spi.Binding;
import io.nlar.spi.EngineBuffer;
import io.nlar.spi.Extent;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** What a step writes in one memory, so that a gradient that moves there is known to overlap none of it. */
final class WrittenMemory {
  private final List<Extent> extents = new ArrayList<>();
  private final long[] starts;
  private final long[] ends;

  /**
   * The values or updates, the state, and the gradients that are written and do not move.
   *
   * @param root the memory, as {@link Extent} has it
   */
  WrittenMemory(List<Binding> bindings, Object root) {
    for (Binding binding : bindings) {
      if (!binding.overGradient()) {
        add(binding.target(), root);
      }
      binding.state().values().forEach(slot -> add(slot, root));
      if (binding.gradient() != null && (binding.zeroGradient() || binding.overGradient()) && !binding.movable()) {
        add(binding.gradient(), root);
      }
    }
    extents.sort(Comparator.comparingLong(Extent::start));
    starts = extents.stream().mapToLong(Extent::start).toArray();
    ends = extents.stream().mapToLong(extent -> extent.start() + extent.bytes()).toArray();
  }

  private void add(EngineBuffer buffer, Object root) {
    Extent extent = buffer.extent();
    if (extent.root() == root && extent.bytes() > 0) {
      extents.add(extent);
    }
  }

  /**
   * Checks a gradient's new place. What is written overlaps nothing else that is, so that the last one to start before the
   * gradient's end is the one to ask.
   *
   * @throws ParameterException if it overlaps something
   */
  void check(String parameter, long start, long bytes) {
    int from = 0;
    int to = starts.length;
    while (from < to) {
      int middle = (from + to) >>> 1;
      if (starts[middle] < start + bytes) {
        from = middle + 1;
      } else {
        to = middle;
      }
    }
    if (bytes > 0 && from > 0 && ends[from - 1] > start) {
      throw new ParameterException("the gradient of parameter '" + parameter + "' would share memory with a value or state"
          + " that the step writes; give it its own");
    }
  }
}
