package io.nlar.cpu;

import io.nlar.spi.MemoryFault;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;

/**
 * One pass over elements by all threads of a team; each takes the next claim when it has finished one. The elements are
 * those of items, which a subclass holds: a large item gives many claims, many small ones share one.
 */
abstract class Pass implements Team.Work {
  private final CpuDevice device;
  private final Claims claims;
  private final boolean backwards;
  private final boolean mapped;
  private final AtomicInteger taken = new AtomicInteger();
  private boolean alone;

  /**
   * A pass over items.
   *
   * @param backwards whether claims are taken from the end
   * @param mapped whether memory of mapped files is touched
   */
  Pass(CpuDevice device, Claims claims, boolean backwards, boolean mapped) {
    this.device = device;
    this.claims = claims;
    this.backwards = backwards;
    this.mapped = mapped;
  }

  /** Goes over everything, and returns when that is done. */
  final void over() {
    alone = claims.count() <= 1 || claims.elements <= device.cut().alone();
    if (alone) {
      run(0);
    } else {
      taken.setPlain(0);
      device.team().run(this);
    }
  }

  @Override
  public final void run(int member) {
    Scratch scratch = device.scratch(member);
    int count = claims.count();
    for (int next = next(-1); next < count; next = next(next)) {
      int claim = backwards ? count - 1 - next : next;
      int item = claims.item[claim];
      long from = claims.from[claim];
      for (; item < claims.item[claim + 1]; item++) {
        work(item, from, claims.lengths[item], scratch);
        from = 0;
      }
      if (from < claims.from[claim + 1]) {
        work(item, from, claims.from[claim + 1], scratch);
      }
    }
    reportFaults();
  }

  /** To be called while it is still this pass that fails. */
  final void reportFaults() {
    if (mapped) {
      MemoryFault.report();
    }
  }

  /** The claim to take after {@code last}. Counting for others takes as long as a tenth of a small step. */
  private int next(int last) {
    return alone ? last + 1 : taken.getAndIncrement();
  }

  /** Works on the elements from {@code from} to {@code to} of an item: at most a claim and a chunk of them. */
  abstract void work(int item, long from, long to, Scratch scratch);

  /** Where claims start: claim i at element from[i] of item[i], to the start of the next. */
  static final class Claims {
    private final long[] lengths;
    private final int[] item;
    private final long[] from;
    private final long elements;

    /** Cuts up {@code items} items of {@code length} elements, each at whole chunks. */
    Claims(int items, IntToLongFunction length, CpuSettings.Cut cut) {
      lengths = IntStream.range(0, items).mapToLong(length::applyAsLong).toArray();
      long most = 1;
      for (int i = 0; i < items; i++) {
        most = Math.addExact(most, (lengths[i] + cut.chunk() - 1) / cut.chunk());
      }
      int[] starts = new int[Math.toIntExact(most)];
      long[] offsets = new long[starts.length];
      int closed = 0;
      long open = 0;
      long all = 0;
      for (int i = 0; i < items; i++) {
        long own = lengths[i];
        for (long start = 0; start < own; start += cut.chunk()) {
          long end = Math.min(own, start + cut.chunk());
          open += end - start;
          if (open >= cut.claim() || end == own && i == items - 1) {
            closed++;
            starts[closed] = end == own ? i + 1 : i;
            offsets[closed] = end == own ? 0 : end;
            all += open;
            open = 0;
          }
        }
      }
      item = Arrays.copyOf(starts, closed + 1);
      from = Arrays.copyOf(offsets, closed + 1);
      elements = all;
    }

    int count() {
      return item.length - 1;
    }
  }
}
