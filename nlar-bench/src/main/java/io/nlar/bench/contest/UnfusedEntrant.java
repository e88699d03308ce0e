package io.nlar.bench.contest;

/** {@link UnfusedStep} before it takes memory. */
public interface UnfusedEntrant extends Entrant {

  @Override
  default String name() {
    return "Nlarsm, a pass per operation";
  }

  @Override
  default Kind kind() {
    return Kind.STEP;
  }

  @Override
  default double trafficBytes(Workload workload) {
    return UnfusedStep.TRAFFIC * (double) workload.type().bytes();
  }

  @Override
  default long memoryBytes(Workload workload) {
    return UnfusedStep.ARRAYS * workload.arrayBytes();
  }
}
