package io.nlar.bench.cpu;

import io.nlar.DType;
import io.nlar.bench.contest.Tensors;
import io.nlar.bench.contest.UnfusedEntrant;
import io.nlar.bench.contest.UnfusedStep;
import io.nlar.bench.contest.Workload;
import io.nlar.bench.harness.Contestant;
import java.util.Optional;

/** The unfused step on the CPU: a pass on vectors for each operation, over memory of the same pages as the fused step's. */
public record CpuUnfused() implements UnfusedEntrant {
  @Override
  public Optional<String> unavailable(Workload workload) {
    return workload.type() != DType.FLOAT32
        ? Optional.of("it is written for float32")
        : JvmVectors.problem();
  }

  @Override
  public Contestant open(Tensors tensors) {
    Workload workload = tensors.workload();
    return new UnfusedStep<>(tensors, new CpuArrays(tensors.device(), workload.size(), workload.threads()));
  }
}
