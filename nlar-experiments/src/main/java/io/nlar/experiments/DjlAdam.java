package io.nlar.experiments;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import io.nlar.bench.contest.Tensors;
import io.nlar.bench.contest.Workload;
import io.nlar.bench.harness.Contestant;
import io.nlar.bench.harness.VerificationException;
import io.nlar.bench.peer.Peer;
import java.util.Optional;

/** DJL's own Adam on its PyTorch engine, in this process, on tensors of its own. */
public final class DjlAdam implements Peer {
  /**
   * Elements that its operations read and write, counted from the eleven array operations that DJL's native code makes of
   * an update (a copy of g, decay even where it is 0, m, v, the quotient and its temporaries), and the zeroed gradient.
   */
  private static final int TRAFFIC = 28;
  /** θ, g, m, v and at most four temporaries. */
  private static final int ARRAYS = 8;

  /** Found by the service loader. */
  public DjlAdam() {}

  @Override
  public String name() {
    return "DJL Adam";
  }

  /** The quick benchmark's minute is for PyTorch's. */
  @Override
  public boolean quick() {
    return false;
  }

  @Override
  public Optional<String> unavailable(Workload workload) {
    return workload.device().backend().equals("cpu") ? Optional.empty()
        : Optional.of("DJL's engine here works on the CPU");
  }

  @Override
  public int traffic() {
    return TRAFFIC;
  }

  @Override
  public int arrays() {
    return ARRAYS;
  }

  @Override
  public Contestant open(Tensors tensors) {
    return new Run(tensors.workload());
  }

  private final class Run implements Contestant {
    private static final float RATE = 1e-3f;
    private static final double BETA1 = 0.9f;
    private static final double BETA2 = 0.999f;
    private static final double EPSILON = 1e-8f;
    private static final int CHECKED = 65_536;
    private static final double TOLERANCE = 1e-6;

    private final NDManager manager;
    private final NDArray values;
    private final NDArray gradients;
    private final Optimizer optimizer;

    Run(Workload workload) {
      DjlEngine.startWithThreads(workload.threads());
      manager = NDManager.newBaseManager("PyTorch");
      try {
        DataType type = DataType.valueOf(workload.type().name());
        Shape shape = new Shape(workload.size());
        values = manager.randomUniform(-1, 1, shape, type);
        values.setRequiresGradient(true); // an update zeroes the gradient that belongs to its tensor
        gradients = manager.randomUniform(-1e-3f, 1e-3f, shape, type);
        optimizer =
            ManagedOptimizers.adam(Optimizer.adam().optLearningRateTracker(Tracker.fixed(RATE)), () -> manager);
      } catch (RuntimeException | Error failure) {
        manager.close();
        throw failure;
      }
    }

    /** Three steps against the published formulas in binary64; DJL adds ε before the bias of v is corrected. */
    @Override
    public void verify() {
      double[] theta = first(values);
      double[] g = first(gradients);
      double[] m = new double[g.length];
      double[] v = new double[g.length];
      for (int t = 1; t <= 3; t++) {
        run(1);
        double rate = RATE * Math.sqrt(1 - Math.pow(BETA2, t)) / (1 - Math.pow(BETA1, t));
        for (int i = 0; i < g.length; i++) {
          m[i] = BETA1 * m[i] + (1 - BETA1) * g[i];
          v[i] = BETA2 * v[i] + (1 - BETA2) * g[i] * g[i];
          theta[i] -= rate * m[i] / (Math.sqrt(v[i]) + EPSILON);
        }
      }
      double[] actual = first(values);
      for (int i = 0; i < g.length; i++) {
        if (!(Math.abs(actual[i] - theta[i]) <= TOLERANCE)) {
          throw new VerificationException(name() + ": after 3 steps element " + i + " is " + actual[i] + ", expected "
              + theta[i]);
        }
      }
    }

    private static double[] first(NDArray array) {
      long count = Math.min(CHECKED, array.size());
      try (NDArray part = array.get("0:" + count); NDArray wide = part.toType(DataType.FLOAT64, true)) {
        return wide.toDoubleArray();
      }
    }

    @Override
    public void run(long times) {
      for (long i = 0; i < times; i++) {
        optimizer.update("values", values, gradients);
      }
    }

    @Override
    public void close() {
      manager.close();
    }
  }
}
