package io.nlar.bench.contest;

import io.nlar.StepConfig;

/** A device's roofline: both passes of a step with momentum, without arithmetic. */
public interface PassesEntrant extends Entrant {
  /** The name in tables. */
  String NAME = "both passes, no arithmetic";

  /** The step of which they are. */
  NlarStep STEP = new NlarStep("", StepConfig.nlarcm());

  @Override
  default String name() {
    return NAME;
  }

  @Override
  default Kind kind() {
    return Kind.ROOFLINE;
  }

  @Override
  default double trafficBytes(Workload workload) {
    return STEP.trafficBytes(workload);
  }

  @Override
  default long memoryBytes(Workload workload) {
    return STEP.memoryBytes(workload);
  }
}
