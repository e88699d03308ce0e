package io.nlar.cpu;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * What a device holds that the garbage collector does not free: native memory and threads. Knows nothing of the device,
 * its buffers and its steps, so that it can be released when nobody refers to those any more.
 */
final class Holdings implements Runnable {
  private final Team team;
  private final StandardArithmetic arithmetic = new StandardArithmetic();
  private final Scratch[] scratches;
  private final Set<NativeMemory> memory = Collections.newSetFromMap(new IdentityHashMap<>());

  /** Working memory for {@code threads} threads; they start when they are first needed. */
  Holdings(int threads) {
    team = new Team(threads);
    scratches = new Scratch[threads];
    try {
      for (int i = 0; i < threads; i++) {
        scratches[i] = new Scratch(allocate(Scratch.BYTES, "working memory"));
      }
    } catch (Throwable failure) {
      run();
      throw failure;
    }
  }

  /** Zeroed memory, as {@link NativeMemory#allocate}, held until it is freed. */
  NativeMemory allocate(long bytes, String what) {
    NativeMemory allocated = NativeMemory.allocate(bytes, what);
    try {
      memory.add(allocated);
    } catch (Throwable failure) {
      allocated.close();
      throw failure;
    }
    return allocated;
  }

  /** Frees memory. Idempotent. */
  void free(NativeMemory unused) {
    memory.remove(unused);
    unused.close();
  }

  Team team() {
    return team;
  }

  StandardArithmetic arithmetic() {
    return arithmetic;
  }

  Scratch scratch(int member) {
    return scratches[member];
  }

  /** Ends the threads, and frees what is left. */
  @Override
  public void run() {
    team.close();
    arithmetic.close();
    List.copyOf(memory).forEach(this::free);
  }
}
