package io.nlar.cpu;

import java.util.ArrayDeque;
import java.util.Deque;

/** Memory to free where a constructor fails half-way. */
final class Cleanup {
  private final Deque<Runnable> actions = new ArrayDeque<>();

  NativeMemory add(NativeMemory memory) {
    actions.push(memory::close);
    return memory;
  }

  StateMemory add(StateMemory memory) {
    actions.push(memory::close);
    return memory;
  }

  ReducePass add(ReducePass pass) {
    actions.push(pass::close);
    return pass;
  }

  /** Frees, last first. */
  void close() {
    actions.forEach(Runnable::run);
  }
}
