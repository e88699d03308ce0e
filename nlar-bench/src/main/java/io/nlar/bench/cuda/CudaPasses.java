package io.nlar.bench.cuda;

import io.nlar.Buffer;
import io.nlar.Slot;
import io.nlar.Step;
import io.nlar.bench.contest.PassesEntrant;
import io.nlar.bench.contest.Tensors;
import io.nlar.bench.contest.Workload;
import io.nlar.bench.harness.Contestant;
import io.nlar.bench.harness.VerificationException;
import io.nlar.spi.device.AbstractBuffer;
import io.nlar.testkit.HostValues;
import java.util.Arrays;
import java.util.Optional;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUfunction;

/** The roofline of a GPU: both passes of a step with momentum without arithmetic, over the buffers of a compiled step. */
public record CudaPasses() implements PassesEntrant {
  private static final int WORD_BYTES = 16;

  @Override
  public Optional<String> unavailable(Workload workload) {
    return workload.arrayBytes() % WORD_BYTES == 0
        ? Optional.empty()
        : Optional.of("it moves words of 16 bytes, which the size is no multiple of");
  }

  /** The device address of one of Nlar's buffers. */
  static CUdeviceptr pointer(Buffer buffer) {
    return new CUdeviceptr().withByteOffset(((AbstractBuffer) buffer).extent().start());
  }

  @Override
  public Contestant open(Tensors tensors) {
    CudaSession session = new CudaSession(tensors.workload().device().index());
    Step step = STEP.compile(tensors);
    Buffer weights = step.state("tensor0", Slot.WEIGHT);
    long words = tensors.workload().arrayBytes() / WORD_BYTES;
    Pointer g = Pointer.to(pointer(tensors.gradients()));
    Pointer n = Pointer.to(new long[] {words});
    Pointer sink = Pointer.to(session.allocate(Integer.BYTES));
    Pointer reduceArguments = Pointer.to(g, n, sink);
    Pointer applyArguments = Pointer.to(g, Pointer.to(pointer(tensors.values())),
        Pointer.to(pointer(step.state("tensor0", Slot.VELOCITY))),
        Pointer.to(pointer(step.state("tensor0", Slot.RATE))), Pointer.to(pointer(weights)), n, sink);
    CUfunction reduce = session.kernel("reduce_pass");
    CUfunction apply = session.kernel("apply_pass");
    return new Contestant() {
      /** One pass must have carried θ to where A was. */
      @Override
      public void verify() {
        tensors.resetValues();
        tensors.device().synchronize();
        run(1);
        double[] expected = tensors.valuePattern();
        if (!Arrays.equals(HostValues.read(weights.slice(0, expected.length)), expected)) {
          throw new VerificationException("the passes without arithmetic did not move what they should");
        }
      }

      @Override
      public void run(long times) {
        for (long i = 0; i < times; i++) {
          session.launch(reduce, words, reduceArguments);
          session.launch(apply, words, applyArguments);
        }
        session.finish();
      }

      @Override
      public void close() {
        step.close();
        session.close();
      }
    };
  }
}
