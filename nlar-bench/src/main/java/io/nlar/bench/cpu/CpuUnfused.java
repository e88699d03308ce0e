package io.nlar.bench.cpu;

import static io.nlar.bench.cpu.ArrayOperations.abs;
import static io.nlar.bench.cpu.ArrayOperations.add;
import static io.nlar.bench.cpu.ArrayOperations.divide;
import static io.nlar.bench.cpu.ArrayOperations.multiply;
import static io.nlar.bench.cpu.ArrayOperations.reciprocal;
import static io.nlar.bench.cpu.ArrayOperations.scale;
import static io.nlar.bench.cpu.ArrayOperations.shift;
import static io.nlar.bench.cpu.ArrayOperations.subtract;
import static io.nlar.bench.cpu.ArrayOperations.sumOfSquares;

import io.nlar.DType;
import io.nlar.StepConfig;
import io.nlar.bench.contest.Entrant;
import io.nlar.bench.contest.Kind;
import io.nlar.bench.contest.PeriodReference;
import io.nlar.bench.contest.Tensors;
import io.nlar.bench.contest.Workload;
import io.nlar.bench.harness.Contestant;
import io.nlar.bench.harness.VerificationException;
import java.util.Optional;
import java.util.concurrent.atomic.DoubleAdder;

/**
 * Nlarsm with momentum on the CPU, composed of one pass over memory per operation, as array libraries do it: what
 * fusing the step buys.
 */
public record CpuUnfused() implements Entrant {
  /** g, θ, v, D, A and four temporaries, all Java arrays. */
  private static final int ARRAYS = 9;
  /** Arrays that the operations of a step read and write, counted there. */
  private static final int TRAFFIC = 46;

  @Override
  public String name() {
    return "Nlarsm, a pass per operation";
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
    return TRAFFIC * (double) workload.type().bytes();
  }

  @Override
  public long memoryBytes(Workload workload) {
    return ARRAYS * workload.arrayBytes();
  }

  @Override
  public Contestant open(Tensors tensors) {
    return new Model(name(), tensors);
  }

  private static final class Model implements Contestant {
    private static final int VERIFIED_STEPS = 3;
    private static final double TOLERANCE = 1e-5;

    private final String name;
    private final Tensors tensors;
    private final int n;
    private final Workers workers;
    private final StepConfig config = StepConfig.nlarsm();
    private final float[] g;
    private final float[] theta;
    private final float[] v;
    private final float[] rate;
    private final float[] weight;
    private final float[] f;
    private final float[] x;
    private final float[] y;
    private final float[] z;
    private long t;

    Model(String name, Tensors tensors) {
      this.name = name;
      this.tensors = tensors;
      this.n = Math.toIntExact(tensors.workload().size());
      this.workers = new Workers(tensors.workload().threads());
      this.g = repeat(tensors.gradientPattern());
      this.theta = repeat(tensors.valuePattern());
      this.v = new float[n];
      this.rate = new float[n];
      this.weight = new float[n];
      this.f = new float[n];
      this.x = new float[n];
      this.y = new float[n];
      this.z = new float[n];
    }

    private float[] repeat(double[] pattern) {
      float[] array = new float[n];
      for (int i = 0; i < n; i++) {
        array[i] = (float) pattern[i % pattern.length];
      }
      return array;
    }

    private interface Operation {
      void run(int from, int to);
    }

    private void pass(Operation operation) {
      workers.run(n, Float.BYTES, (from, to) -> operation.run((int) from, (int) to));
    }

    /** The comments count the arrays that an operation reads and writes. */
    private void step() {
      t++;
      DoubleAdder sum = new DoubleAdder();
      pass((i, j) -> sum.add(sumOfSquares(g, i, j))); // 1
      float lambda = (float) config.estimator().learningRate();
      float sigma = (float) config.estimator().noiseScale();
      float decay = (float) (1.0 / t);
      float c = (float) Math.min(1, 1 / Math.sqrt(sum.sum()));
      pass((i, j) -> scale(c, g, f, i, j)); // f = g·c: 2
      pass((i, j) -> shift(lambda, rate, x, i, j)); // γ = λ + D: 2
      pass((i, j) -> abs(v, y, i, j)); // 2
      pass((i, j) -> shift(decay + sigma, y, y, i, j)); // h = |v| + (m + σ): 2
      pass((i, j) -> abs(x, z, i, j)); // 2
      pass((i, j) -> shift(1, z, z, i, j)); // 1 + |γ|: 2
      pass((i, j) -> multiply(z, y, z, i, j)); // 3
      float momentum = (float) config.momentum().momentum();
      pass((i, j) -> reciprocal(momentum * decay, z, z, i, j)); // ρ: 2
      pass((i, j) -> multiply(z, v, z, i, j)); // p = ρ·v: 3
      pass((i, j) -> multiply(x, f, x, i, j)); // γ·f: 3
      pass((i, j) -> subtract(z, x, v, i, j)); // v' = p − γ·f: 3
      pass((i, j) -> add(theta, v, theta, i, j)); // θ': 3
      pass((i, j) -> multiply(f, f, y, i, j)); // 2
      pass((i, j) -> add(weight, y, weight, i, j)); // A': 3
      pass((i, j) -> shift((float) config.estimator().priorWeight(), weight, y, i, j)); // Q': 2
      pass((i, j) -> multiply(f, z, z, i, j)); // 3
      pass((i, j) -> divide(z, y, z, i, j)); // 3
      pass((i, j) -> subtract(rate, z, rate, i, j)); // D': 3
    }

    @Override
    public String name() {
      return name;
    }

    /** Its sum of squares is added in another order, so it agrees with the reference to rounding only. */
    @Override
    public void verify() {
      PeriodReference reference = new PeriodReference(tensors, config);
      for (int i = 0; i < VERIFIED_STEPS; i++) {
        step();
        reference.apply(tensors.sumOfSquares(), tensors.sumOfSquares());
      }
      double[] expected = reference.values();
      for (int i = 0; i < n; i++) {
        double wanted = expected[i % expected.length];
        if (!(Math.abs(theta[i] - wanted) <= TOLERANCE * Math.max(Math.abs(wanted), TOLERANCE))) {
          throw new VerificationException("element " + i + " of the unfused step is " + theta[i] + ", expected " + wanted);
        }
      }
    }

    @Override
    public void run(long times) {
      for (long i = 0; i < times; i++) {
        step();
      }
    }

    @Override
    public void close() {
      workers.close();
    }
  }
}
