package io.nlar.bench.opencl;

import io.nlar.bench.contest.CopyEntrant;
import io.nlar.bench.contest.Tensors;
import io.nlar.bench.contest.Workload;
import io.nlar.bench.harness.Contestant;
import io.nlar.bench.harness.VerificationException;
import org.jocl.cl_mem;

/** A plain copy from one buffer to another, by the OpenCL driver. */
public record ClCopy() implements CopyEntrant {
  private static final long WORD = 0x0123456789abcdefL;

  @Override
  public long memoryBytes(Workload workload) {
    return 2 * workload.arrayBytes();
  }

  @Override
  public Contestant open(Tensors tensors) {
    long bytes = Math.ceilDiv(tensors.workload().arrayBytes(), Long.BYTES) * Long.BYTES;
    ClSession session = new ClSession(tensors.workload().device());
    cl_mem from = session.buffer(bytes, WORD);
    cl_mem to = session.buffer(bytes, 0);
    return new Contestant() {
      @Override
      public void verify() {
        run(1);
        if (!session.holds(to, bytes, WORD)) {
          throw new VerificationException("the copy differs from what was copied");
        }
      }

      @Override
      public void run(long times) {
        for (long i = 0; i < times; i++) {
          session.copy(from, to, bytes);
        }
        session.finish();
      }

      @Override
      public void close() {
        session.close();
      }
    };
  }
}
