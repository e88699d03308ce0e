package io.nlar.bench.contest;

import io.nlar.Momentum;
import io.nlar.Step;
import io.nlar.StepConfig;
import io.nlar.bench.harness.Contestant;

/** The step's first pass alone, the sum of squares of the gradients, by a step that keeps no state. */
public record NlarReduce() implements Entrant {
  private static final NlarStep STEP = new NlarStep("", StepConfig.nlarsm().withMomentum(new Momentum.None()));

  @Override
  public String name() {
    return "Nlar reduce only";
  }

  @Override
  public Kind kind() {
    return Kind.PART;
  }

  @Override
  public double trafficBytes(Workload workload) {
    return workload.type().bytes();
  }

  @Override
  public long memoryBytes(Workload workload) {
    return STEP.memoryBytes(workload);
  }

  @Override
  public Contestant open(Tensors tensors) {
    Step step = STEP.compile(tensors);
    return new Contestant() {
      @Override
      public void verify() {
        run(1);
        StepVerification.sums(tensors, step);
      }

      @Override
      public void run(long times) {
        for (long i = 0; i < times; i++) {
          step.reduce();
        }
        tensors.device().synchronize();
      }

      @Override
      public void close() {
        step.close();
      }
    };
  }
}
