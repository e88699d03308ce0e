package io.nlar.bench.cpu;

import io.nlar.DType;
import io.nlar.bench.contest.Entrant;
import io.nlar.bench.contest.Kind;
import io.nlar.bench.contest.Tensors;
import io.nlar.bench.contest.UnfusedStep;
import io.nlar.bench.contest.Workload;
import io.nlar.bench.harness.Contestant;
import java.util.Optional;

/** The unfused step on the CPU: a pass over Java arrays for each operation. */
public record CpuUnfused() implements Entrant {

  @Override
  public String name() {
    return UnfusedStep.NAME;
  }

  @Override
  public Kind kind() {
    return Kind.STEP;
  }

  @Override
  public Optional<String> unavailable(Workload workload) {
    if (workload.type() != DType.FLOAT32) {
      return Optional.of("it is written for float32");
    }
    if (memoryBytes(workload) > Runtime.getRuntime().maxMemory() / 4 * 3) {
      return Optional.of("its Java arrays take " + (memoryBytes(workload) >> 20)
          + " MiB, more than three quarters of Java's heap; give it more, for example NLAR_JAVA_OPTS=-Xmx16g");
    }
    return Optional.empty();
  }

  @Override
  public double trafficBytes(Workload workload) {
    return UnfusedStep.TRAFFIC * (double) workload.type().bytes();
  }

  @Override
  public long memoryBytes(Workload workload) {
    return UnfusedStep.ARRAYS * workload.arrayBytes();
  }

  @Override
  public Contestant open(Tensors tensors) {
    Workload workload = tensors.workload();
    return new UnfusedStep<>(tensors, new JavaArrays(Math.toIntExact(workload.size()), workload.threads()));
  }
}
