package io.nlar.bench.cpu;

import io.nlar.Buffer;
import io.nlar.bench.contest.CopyEntrant;
import io.nlar.bench.contest.Tensors;
import io.nlar.bench.contest.Workload;
import io.nlar.bench.harness.Contestant;
import io.nlar.bench.harness.VerificationException;
import java.lang.foreign.MemorySegment;

/** A plain copy of the gradients on the CPU, as Java does it, by all threads. */
public record CpuCopy() implements CopyEntrant {
  private static final MemorySegment MEMORY = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  @Override
  public Contestant open(Tensors tensors) {
    return new Copy(tensors, (from, to, bytes) -> MemorySegment.copy(MEMORY, from, MEMORY, to, bytes));
  }

  /** Copies bytes from one native address to another. */
  @FunctionalInterface
  interface Mover {
    void copy(long from, long to, long bytes);
  }

  /** A way to copy, by all threads. */
  static final class Copy implements Contestant {
    private final Tensors tensors;
    private final Mover mover;
    private final Buffer copy;
    private final Workers workers;

    Copy(Tensors tensors, Mover mover) {
      Workload workload = tensors.workload();
      this.tensors = tensors;
      this.mover = mover;
      this.copy = tensors.device().allocate(workload.type(), workload.size());
      this.workers = new Workers(workload.threads());
    }

    @Override
    public void verify() {
      run(1);
      long at = Tensors.mismatch(copy, tensors.gradientPattern(), copy.length());
      if (at >= 0) {
        throw new VerificationException("element " + at + " of the copy differs from what was copied");
      }
    }

    @Override
    public void run(long times) {
      long from = CpuPasses.address(tensors.gradients());
      long to = CpuPasses.address(copy);
      int element = copy.type().bytes();
      for (long i = 0; i < times; i++) {
        workers.run(copy.length(), (first, count) -> {
          mover.copy(from + first * element, to + first * element, count * element);
          return 0;
        });
      }
    }

    @Override
    public void close() {
      workers.close();
      copy.close();
    }
  }
}
