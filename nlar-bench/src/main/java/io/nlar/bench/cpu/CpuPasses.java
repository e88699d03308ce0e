package io.nlar.bench.cpu;

import io.nlar.Buffer;
import io.nlar.ParameterGroup;
import io.nlar.Slot;
import io.nlar.Step;
import io.nlar.StepConfig;
import io.nlar.bench.contest.Entrant;
import io.nlar.bench.contest.Kind;
import io.nlar.bench.contest.NlarStep;
import io.nlar.bench.contest.Tensors;
import io.nlar.bench.contest.Workload;
import io.nlar.bench.harness.Contestant;
import io.nlar.bench.harness.VerificationException;
import io.nlar.spi.AbstractBuffer;
import io.nlar.testkit.HostValues;
import java.util.List;
import java.util.Optional;

/**
 * The roofline of the CPU: both passes of a step with momentum without arithmetic, over the very buffers of a compiled
 * step, so that pages and placement are the same.
 */
public record CpuPasses() implements Entrant {
  private static final StepConfig CONFIG = StepConfig.nlarcm();
  private static final NlarStep STEP = new NlarStep("", CONFIG);

  @Override
  public String name() {
    return "both passes, no arithmetic";
  }

  @Override
  public Kind kind() {
    return Kind.ROOFLINE;
  }

  @Override
  public Optional<String> unavailable(Workload workload) {
    return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()
        ? Optional.empty()
        : Optional.of("it is written with the Vector API; start Java with --add-modules jdk.incubator.vector");
  }

  @Override
  public double trafficBytes(Workload workload) {
    return STEP.trafficBytes(workload);
  }

  @Override
  public long memoryBytes(Workload workload) {
    return STEP.memoryBytes(workload);
  }

  @Override
  public Contestant open(Tensors tensors) {
    Step step = tensors.device().compile(List.of(new ParameterGroup(CONFIG, tensors.parameters(1))));
    Buffer weights = step.state("tensor0", Slot.WEIGHT);
    long g = address(tensors.gradients());
    long theta = address(tensors.values());
    long v = address(step.state("tensor0", Slot.VELOCITY));
    long rate = address(step.state("tensor0", Slot.RATE));
    long weight = address(weights);
    int element = tensors.workload().type().bytes();
    // Whole vectors only: fewer than a vector's elements are left out.
    long length = tensors.workload().size() / (Passes.VECTOR_BYTES / element) * (Passes.VECTOR_BYTES / element);
    Workers workers = new Workers(tensors.workload().threads());
    return new Contestant() {
      private volatile long sink;

      @Override
      public String name() {
        return CpuPasses.this.name();
      }

      /** One pass must have carried θ to where A was. */
      @Override
      public void verify() {
        tensors.resetValues();
        run(1);
        double[] expected = tensors.valuePattern();
        double[] actual = HostValues.read(weights.slice(0, expected.length));
        for (int i = 0; i < Math.min(expected.length, length); i++) {
          if (actual[i] != expected[i]) {
            throw new VerificationException("element " + i + " of the passes is " + actual[i] + ", expected "
                + expected[i]);
          }
        }
      }

      @Override
      public void run(long times) {
        for (long i = 0; i < times; i++) {
          workers.run(length, element,
              (from, to) -> sink = Passes.reduce(g + from * element, (int) (to - from) * element));
          // From the end: the gradients that were read last are still in a cache.
          workers.run(length, element, (from, to) -> {
            long at = (length - to) * element;
            sink = Passes.apply(g + at, theta + at, v + at, rate + at, weight + at, (int) (to - from) * element);
          });
        }
      }

      @Override
      public void close() {
        workers.close();
        step.close();
      }
    };
  }

  /** The native address of a buffer of the CPU's. */
  static long address(Buffer buffer) {
    return ((AbstractBuffer) buffer).extent().start();
  }
}
