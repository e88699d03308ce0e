package io.nlar.bench.cuda;

import io.nlar.DType;
import io.nlar.bench.contest.Tensors;
import io.nlar.bench.contest.UnfusedEntrant;
import io.nlar.bench.contest.UnfusedStep;
import io.nlar.bench.contest.Workload;
import io.nlar.bench.harness.Contestant;
import java.util.Optional;

/** The unfused step on a GPU: cuBLAS through JCublas, and a kernel for each operation that it lacks. */
public record CudaUnfused() implements UnfusedEntrant {
  /** cuBLAS works in place: the two results that go to another array take a copy before, of two arrays each. */
  private static final int COPIES = 4;

  @Override
  public Optional<String> unavailable(Workload workload) {
    if (workload.type() != DType.FLOAT32) {
      return Optional.of("it is written for float32");
    }
    if (workload.size() > Integer.MAX_VALUE) {
      return Optional.of("cuBLAS 12 counts elements in 32 bits here");
    }
    return Cublas.problem();
  }

  @Override
  public double trafficBytes(Workload workload) {
    return (UnfusedStep.TRAFFIC + COPIES) * (double) workload.type().bytes();
  }

  @Override
  public Contestant open(Tensors tensors) {
    Workload workload = tensors.workload();
    return new UnfusedStep<>(tensors,
        new CublasArrays(workload.device().index(), Math.toIntExact(workload.size())));
  }
}
