package io.nlar.experiments;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import com.fasterxml.jackson.jr.ob.JSON;
import io.nlar.Backends;
import io.nlar.Device;
import io.nlar.Precision;
import io.nlar.testkit.AuthorsRun;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The rivals against recorded runs of their authors' own code, over 150 steps of a problem that takes its gradients where
 * the steps lead it. {@code src/test/python/record_rivals.py} recorded them in float64, and says what the problem is.
 */
class RivalsTest {
  private static final Device DEVICE = Backends.open("cpu");
  private static final int ROWS = 4;
  private static final int COLUMNS = 3;
  /** In float64 both differ by the order of operations alone. */
  private static final double CLOSE = 1e-10;
  /** In float32 a rounding is 6e-8; 150 of them, and sums over gradients that cancel, come to less than this. */
  private static final double CLOSE_IN_FLOAT32 = 1e-5;

  /** A recorded run: {@code shown} at some steps, numbers and lists of numbers by name. */
  record Recorded(String optimizer, double rate, double curvature, double noise, int steps, Map<Integer, Map<String, Object>> shown) {
    @Override
    public String toString() {
      return optimizer + " from " + rate + ", curvature " + curvature;
    }

    TrainingStep open(Problem problem) {
      return new OptimizerChoice(optimizer).open(rate, Precision.full(), steps, DEVICE, new Parameters(problem.all()));
    }
  }

  /** The library's rules, whose runs every backend replays too, and the others. */
  static Stream<Recorded> recorded() throws IOException {
    return Stream.concat(recorded(AuthorsRun.class, "authors/runs.json"), recorded(RivalsTest.class, "rivals.json"));
  }

  @SuppressWarnings("unchecked")
  private static Stream<Recorded> recorded(Class<?> beside, String name) throws IOException {
    try (InputStream in = beside.getResourceAsStream(name)) {
      List<Map<String, Object>> runs = (List<Map<String, Object>>) JSON.std.mapFrom(in).get("runs");
      return runs.stream().map(run -> {
        Map<Integer, Map<String, Object>> shown = new HashMap<>();
        ((List<Map<String, Object>>) run.get("shown")).forEach(entry -> shown.put((Integer) entry.get("step"), entry));
        return new Recorded((String) run.get("optimizer"), number(run.get("rate")), number(run.get("curvature")),
            number(run.get("noise")), (Integer) run.get("steps"), shown);
      });
    }
  }

  private static double number(Object number) {
    return ((Number) number).doubleValue();
  }

  private static double[] numbers(Object numbers) {
    return ((List<?>) numbers).stream().mapToDouble(RivalsTest::number).toArray();
  }

  /** A block that has parameters and does nothing. */
  private static final class Parameters extends AbstractBlock {
    Parameters(List<Parameter> parameters) {
      parameters.forEach(this::addParameter);
    }

    @Override
    protected NDList forwardInternal(ParameterStore store, NDList inputs, boolean training, PairList<String, Object> more) {
      return inputs;
    }

    @Override
    public Shape[] getOutputShapes(Shape[] shapes) {
      return shapes;
    }
  }

  /** Two tensors that are trained and one that follows them, as batch normalisation's statistics do. */
  private static final class Problem {
    private final List<Parameter> trained;
    private final Parameter kept;
    private final double curvature;
    private final double noise;

    Problem(NDManager manager, DataType type, double curvature, double noise) {
      this.curvature = curvature;
      this.noise = noise;
      NDArray w = manager.create(sines(1.7, 0.3, 0, ROWS * COLUMNS), new Shape(ROWS, COLUMNS)).toType(type, true);
      NDArray b = manager.zeros(new Shape(COLUMNS), type);
      w.setRequiresGradient(true);
      b.setRequiresGradient(true);
      trained = List.of(parameter("w", w, true), parameter("b", b, true));
      kept = parameter("kept", manager.zeros(new Shape(COLUMNS), type), false);
    }

    private static Parameter parameter(String name, NDArray array, boolean trained) {
      Parameter parameter = Parameter.builder().setName(name).setType(Parameter.Type.OTHER).optRequiresGrad(trained).build();
      parameter.setArray(array);
      return parameter;
    }

    List<Parameter> all() {
      return List.of(trained.get(0), trained.get(1), kept);
    }

    double[] values(int parameter) {
      return all().get(parameter).getArray().toType(DataType.FLOAT64, true).toDoubleArray();
    }

    /** Sets the gradients of a step, counted from 1. They are not scaled yet: the steps do that. */
    void gradients(NDManager manager, int step) {
      int start = 0;
      for (Parameter parameter : trained) {
        NDArray array = parameter.getArray();
        int n = Math.toIntExact(array.size());
        double[] x = array.toType(DataType.FLOAT64, true).toDoubleArray();
        double[] slope = sines(2.3, 0, start, n);
        double[] target = sines(0.9, 1, start, n);
        double[] chance = sines(3.1, 5.3 * step, start, n);
        set(manager, array, i -> curvature * (1.1 + slope[i]) * (x[i] - 2 * target[i]) + noise * chance[i]);
        start += n;
      }
      NDArray mean = trained.getFirst().getArray().mean(new int[] {0});
      kept.getArray().muli(0.9).addi(mean.mul(0.1));
    }
  }

  /** A tensor's gradient, of which DJL alone can make the first: that of Σ cᵢ·xᵢ is c. */
  private static void set(NDManager manager, NDArray array, IntToDoubleFunction gradient) {
    double[] wanted = IntStream.range(0, Math.toIntExact(array.size())).mapToDouble(gradient).toArray();
    NDArray factors = manager.create(wanted, array.getShape()).toType(array.getDataType(), true);
    try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
      collector.backward(array.mul(factors).sum());
    }
  }

  private static double[] sines(double factor, double shift, int start, int count) {
    return IntStream.range(start, start + count).mapToDouble(i -> Math.sin(factor * i + shift)).toArray();
  }

  @AfterAll
  static void closeDevice() {
    DEVICE.close();
  }

  @ParameterizedTest
  @MethodSource("recorded")
  void aRivalDoesWhatItsAuthorsCodeDoes(Recorded run) {
    replay(run, DataType.FLOAT64, CLOSE);
  }

  /** Those recorded runs whose first steps float32 can tell from none: a movement of 1e-6 is a few of its roundings. */
  static Stream<Recorded> recordedForFloat32() throws IOException {
    return recorded().filter(run -> run.rate >= 1e-4);
  }

  @ParameterizedTest
  @MethodSource("recordedForFloat32")
  void inFloat32Too(Recorded run) {
    replay(run, DataType.FLOAT32, CLOSE_IN_FLOAT32);
  }

  private static void replay(Recorded run, DataType type, double tolerance) {
    DjlEngine.start();
    try (NDManager manager = NDManager.newBaseManager()) {
      Problem problem = new Problem(manager, type, run.curvature, run.noise);
      int seen = 0;
      try (TrainingStep step = run.open(problem)) {
        for (int t = 1; t <= run.steps; t++) {
          try (NDManager scope = manager.newSubManager()) {
            problem.gradients(scope, t);
          }
          step.step(problem.trained);
          Map<String, Object> expected = run.shown.get(t);
          if (expected != null) {
            seen++;
            double rate = number(expected.get("rate"));
            assertEquals(rate, step.rateQuartiles()[1], tolerance * rate, "rate in step " + t);
            assertValues(expected, List.of("w", "b"), problem, tolerance, "step " + t);
            if (expected.get("evaluated") instanceof Map<?, ?> evaluated) {
              double[] kept = problem.values(2);
              step.evaluate();
              assertValues(evaluated, List.of("w", "b", "kept"), problem, tolerance, "evaluated after step " + t);
              step.train();
              assertValues(expected, List.of("w", "b"), problem, tolerance, "trained on after step " + t);
              assertArrayEquals(kept, problem.values(2));
            }
          }
        }
      }
      assertEquals(run.shown.size(), seen);
    }
  }

  /** Within {@code tolerance} of the largest value of each tensor. */
  private static void assertValues(Map<?, ?> expected, List<String> names, Problem problem, double tolerance, String when) {
    for (int i = 0; i < names.size(); i++) {
      double[] values = numbers(expected.get(names.get(i)));
      double largest = IntStream.range(0, values.length).mapToDouble(j -> Math.abs(values[j])).max().orElseThrow();
      assertArrayEquals(values, problem.values(i), tolerance * largest, names.get(i) + ", " + when);
    }
  }

  /** Recorded runs have gradients that are scaled and others that are not. */
  @Test
  void someRecordedGradientsAreScaledAndSomeAreNot() throws IOException {
    DjlEngine.start();
    List<Boolean> scaled = new ArrayList<>();
    recorded().forEach(run -> {
      try (NDManager manager = NDManager.newBaseManager()) {
        Problem problem = new Problem(manager, DataType.FLOAT64, run.curvature, run.noise);
        try (TrainingStep step = run.open(problem)) {
          problem.gradients(manager, 1);
          step.step(problem.trained);
          scaled.add(step.norm() > GradientClip.BOUND);
        }
      }
    });
    assertTrue(scaled.contains(true) && scaled.contains(false), scaled::toString);
  }

  /** Gradients of nothing but zeros, which a network of dead units has, tell nothing and break nothing. */
  @ParameterizedTest
  @ValueSource(strings = {"nadamw", "lion", "prodigy", "dadaptation", "dog"})
  void zerosAtFirstMoveNothingByThemselves(String optimizer) {
    DjlEngine.start();
    Recorded run = new Recorded(optimizer, 1e-3, 1, 0.2, 100, Map.of());
    try (NDManager manager = NDManager.newBaseManager()) {
      Problem problem = new Problem(manager, DataType.FLOAT64, run.curvature, run.noise);
      double[] first = problem.values(0);
      try (TrainingStep step = run.open(problem)) {
        problem.trained.forEach(parameter -> set(manager, parameter.getArray(), i -> 0));
        step.step(problem.trained);
        // NAdamW's decay takes its share, of a rate that is still to rise.
        assertArrayEquals(first, problem.values(0), 1e-12);
        for (int t = 1; t <= 20; t++) {
          problem.gradients(manager, t);
          step.step(problem.trained);
        }
        double[] last = problem.values(0);
        assertTrue(IntStream.range(0, last.length).allMatch(i -> Double.isFinite(last[i]) && last[i] != first[i]));
      }
    }
  }

  /** Over so few steps nothing warms up; beyond the run's steps the rate stays 0. */
  @Test
  void theScheduleOfAShortRunBeginsAtItsHighest() {
    DjlEngine.start();
    Recorded run = new Recorded("nadamw", 0.1, 1, 0, 4, Map.of());
    try (NDManager manager = NDManager.newBaseManager()) {
      Problem problem = new Problem(manager, DataType.FLOAT32, run.curvature, run.noise);
      TrainingStep step = run.open(problem);
      List<Double> rates = new ArrayList<>();
      for (int t = 1; t <= 6; t++) {
        problem.gradients(manager, t);
        step.step(problem.trained);
        rates.add(step.rateQuartiles()[1]);
      }
      step.close();
      double[] expected = {0.1, 0.05 * (1 + Math.sqrt(0.5)), 0.05, 0.05 * (1 - Math.sqrt(0.5)), 0, 0};
      assertArrayEquals(expected, rates.stream().mapToDouble(rate -> rate).toArray(), 1e-15);
    }
  }
}
