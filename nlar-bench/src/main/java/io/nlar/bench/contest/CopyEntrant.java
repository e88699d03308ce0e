package io.nlar.bench.contest;

/** A plain copy of an array to another one, for comparison with other programs' figures. */
public interface CopyEntrant extends Entrant {

  @Override
  default String name() {
    return "plain copy";
  }

  @Override
  default Kind kind() {
    return Kind.COPY;
  }

  @Override
  default double trafficBytes(Workload workload) {
    return 2 * workload.type().bytes();
  }

  @Override
  default long memoryBytes(Workload workload) {
    return workload.arrayBytes();
  }
}
