package io.nlar.bench.cpu;

import io.nlar.Buffer;
import io.nlar.bench.contest.Entrant;
import io.nlar.bench.contest.Kind;
import io.nlar.bench.contest.Tensors;
import io.nlar.bench.contest.Workload;
import io.nlar.bench.harness.Contestant;
import io.nlar.bench.harness.VerificationException;
import io.nlar.testkit.HostValues;
import java.util.Arrays;
import java.util.Optional;

/** A plain copy of the gradients on the CPU, by all threads. */
public record CpuCopy() implements Entrant {

  @Override
  public String name() {
    return "plain copy";
  }

  @Override
  public Kind kind() {
    return Kind.COPY;
  }

  @Override
  public Optional<String> unavailable(Workload workload) {
    return new CpuPasses().unavailable(workload);
  }

  @Override
  public double trafficBytes(Workload workload) {
    return 2 * workload.type().bytes();
  }

  @Override
  public long memoryBytes(Workload workload) {
    return workload.arrayBytes();
  }

  @Override
  public Contestant open(Tensors tensors) {
    Workload workload = tensors.workload();
    Buffer copy = tensors.device().allocate(workload.type(), workload.size());
    long from = CpuPasses.address(tensors.gradients());
    long to = CpuPasses.address(copy);
    int element = workload.type().bytes();
    Workers workers = new Workers(workload.threads());
    return new Contestant() {
      @Override
      public String name() {
        return CpuCopy.this.name();
      }

      @Override
      public void verify() {
        run(1);
        double[] expected = tensors.gradientPattern();
        if (!Arrays.equals(HostValues.read(copy.slice(0, expected.length)), expected)) {
          throw new VerificationException("the copy differs from what was copied");
        }
      }

      @Override
      public void run(long times) {
        for (long i = 0; i < times; i++) {
          workers.run(workload.size(), element, (first, end) ->
              Passes.copy(from + first * element, to + first * element, (end - first) * element));
        }
      }

      @Override
      public void close() {
        workers.close();
        copy.close();
      }
    };
  }
}
