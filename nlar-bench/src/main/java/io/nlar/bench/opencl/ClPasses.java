package io.nlar.bench.opencl;

import io.nlar.bench.contest.PassesEntrant;
import io.nlar.bench.contest.Tensors;
import io.nlar.bench.contest.Workload;
import io.nlar.bench.harness.Contestant;
import io.nlar.bench.harness.VerificationException;
import org.jocl.cl_kernel;
import org.jocl.cl_mem;
import org.jocl.cl_program;

/** The roofline of an OpenCL device: both passes of a step with momentum without arithmetic. */
public record ClPasses() implements PassesEntrant {
  /** g, θ, v, D, A. */
  private static final int ARRAYS = 5;

  @Override
  public long memoryBytes(Workload workload) {
    return ARRAYS * workload.arrayBytes();
  }

  @Override
  public Contestant open(Tensors tensors) {
    ClSession session = new ClSession(tensors.workload().device());
    long words = Math.ceilDiv(tensors.workload().arrayBytes(), session.wordBytes());
    long bytes = words * session.wordBytes();
    cl_mem[] arrays = new cl_mem[ARRAYS];
    for (int i = 0; i < ARRAYS; i++) {
      arrays[i] = session.buffer(bytes, i);
    }
    cl_mem sink = session.buffer(Long.BYTES, 0);
    cl_program program = session.program();
    cl_kernel reduce = session.kernel(program, "reduce", arrays[0], words, sink);
    cl_kernel apply =
        session.kernel(program, "apply", arrays[0], arrays[1], arrays[2], arrays[3], arrays[4], words, sink);
    return new Contestant() {
      /** One pass must have carried each array to the one before, and θ to where A was. */
      @Override
      public void verify() {
        run(1);
        if (!session.holds(arrays[1], bytes, 2) || !session.holds(arrays[4], bytes, 1)) {
          throw new VerificationException("the passes without arithmetic did not move what they should");
        }
      }

      @Override
      public void run(long times) {
        for (long i = 0; i < times; i++) {
          session.launch(reduce, words);
          session.launch(apply, words);
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
