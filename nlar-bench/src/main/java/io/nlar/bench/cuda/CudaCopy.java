package io.nlar.bench.cuda;

import io.nlar.Buffer;
import io.nlar.bench.contest.CopyEntrant;
import io.nlar.bench.contest.Tensors;
import io.nlar.bench.contest.Workload;
import io.nlar.bench.harness.Contestant;
import io.nlar.bench.harness.VerificationException;
import io.nlar.testkit.HostValues;
import java.util.Arrays;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.JCudaDriver;

/** The driver's copy from one buffer of a GPU to another. */
public record CudaCopy() implements CopyEntrant {
  @Override
  public Contestant open(Tensors tensors) {
    Workload workload = tensors.workload();
    CudaSession session = new CudaSession(workload.device().index());
    Buffer copy = tensors.device().allocate(workload.type(), workload.size());
    CUdeviceptr from = CudaPasses.pointer(tensors.gradients());
    CUdeviceptr to = CudaPasses.pointer(copy);
    return new Contestant() {
      @Override
      public void verify() {
        tensors.device().synchronize();
        run(1);
        double[] expected = tensors.gradientPattern();
        if (!Arrays.equals(HostValues.read(copy.slice(0, expected.length)), expected)) {
          throw new VerificationException("the copy differs from what was copied");
        }
      }

      @Override
      public void run(long times) {
        for (long i = 0; i < times; i++) {
          CudaSession.check(JCudaDriver.cuMemcpyDtoDAsync(to, from, workload.arrayBytes(), null));
        }
        session.finish();
      }

      @Override
      public void close() {
        copy.close();
        session.close();
      }
    };
  }
}
