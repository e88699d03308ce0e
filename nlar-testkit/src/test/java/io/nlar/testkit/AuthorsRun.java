package io.nlar.testkit;

import com.fasterxml.jackson.jr.ob.JSON;
import io.nlar.AdamW;
import io.nlar.Buffer;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.Lion;
import io.nlar.Parameter;
import io.nlar.ParameterGroup;
import io.nlar.Scaling;
import io.nlar.Step;
import io.nlar.StepConfig;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A recorded run of NAdamW or Lion by its authors' own code, in float64, on a problem whose gradients follow the values: {@code
 * nlar-experiments/src/test/python/record_rivals.py} wrote the file, and says what the problem is.
 *
 * @param optimizer {@code nadamw} or {@code lion}
 * @param rate the constant rate, or the highest of a schedule
 * @param curvature of the problem
 * @param noise of its gradients
 * @param steps how many the run has, which a schedule knows
 * @param models what was recorded
 */
public record AuthorsRun(String optimizer, double rate, double curvature, double noise, int steps, List<Model> models) {
  private static final int[] LENGTHS = {12, 3};

  /** The values of both tensors after a step. */
  public record Model(int step, List<double[]> values) {}

  /** All runs of the file. */
  public static List<AuthorsRun> all() {
    try (InputStream json = AuthorsRun.class.getResourceAsStream("authors/runs.json")) {
      return maps(JSON.std.mapFrom(json).get("runs")).map(AuthorsRun::of).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static AuthorsRun of(Map<String, Object> run) {
    return new AuthorsRun((String) run.get("optimizer"), number(run.get("rate")), number(run.get("curvature")),
        number(run.get("noise")), (Integer) run.get("steps"), maps(run.get("shown"))
            .map(shown -> new Model((Integer) shown.get("step"), List.of(numbers(shown.get("w")), numbers(shown.get("b"))))).toList());
  }

  @SuppressWarnings("unchecked")
  private static Stream<Map<String, Object>> maps(Object list) {
    return ((List<Map<String, Object>>) list).stream();
  }

  private static double number(Object number) {
    return ((Number) number).doubleValue();
  }

  private static double[] numbers(Object list) {
    return ((List<?>) list).stream().mapToDouble(AuthorsRun::number).toArray();
  }

  /** The settings of the run: AlgoPerf's, or those of Lion's code; gradients are scaled to a global norm of at most 1. */
  public StepConfig config() {
    StepConfig config = switch (optimizer) {
      case "nadamw" -> StepConfig.nadamw().withRule(new AdamW(rate, 1 - 0.06733926164, 0.9955159689799007, 1e-8, true))
          .withWeightDecay(0.08121616522670176);
      case "lion" -> StepConfig.lion().withRule(new Lion(rate, 0.9, 0.99));
      default -> throw new AssertionError(optimizer);
    };
    return config.withScaling(new Scaling.GlobalNorm(1));
  }

  /** k of a step, from 1: warm-up over 2 % of the steps and cosine decay to 0, or 1. */
  public double rateFactor(int step) {
    if (optimizer.equals("lion")) {
      return 1;
    }
    int warmUp = steps / 50;
    int done = step - 1;
    return done < warmUp ? 1e-10 + (1 - 1e-10) * done / warmUp
        : (1 + Math.cos(Math.PI * (done - warmUp) / (steps - warmUp))) / 2;
  }

  /** Does the run on a device, and returns the models that were recorded too. */
  public List<Model> on(Device device, DType type) {
    List<Model> reached = new ArrayList<>();
    List<Buffer> values = Arrays.stream(LENGTHS).mapToObj(length -> device.allocate(type, length)).toList();
    List<Buffer> gradients = Arrays.stream(LENGTHS).mapToObj(length -> device.allocate(type, length)).toList();
    List<Parameter> parameters = IntStream.range(0, LENGTHS.length)
        .mapToObj(i -> new Parameter("tensor" + i, values.get(i), gradients.get(i))).toList();
    HostValues.write(values.getFirst(), sines(1.7, 0.3, 0, LENGTHS[0]));
    HostValues.write(values.getLast(), new double[LENGTHS[1]]);
    try (Step step = device.compile(List.of(new ParameterGroup(config(), parameters)))) {
      for (int number = 1; number <= models.getLast().step; number++) {
        int start = 0;
        for (int tensor = 0; tensor < LENGTHS.length; tensor++) {
          HostValues.write(gradients.get(tensor), gradient(HostValues.read(values.get(tensor)), start, number));
          start += LENGTHS[tensor];
        }
        step.await(step.run(1, rateFactor(number)));
        if (models.get(reached.size()).step == number) {
          reached.add(new Model(number, values.stream().map(HostValues::read).toList()));
        }
      }
    } finally {
      Stream.of(values, gradients).flatMap(List::stream).forEach(Buffer::close);
    }
    return reached;
  }

  private double[] gradient(double[] x, int start, int step) {
    double[] slope = sines(2.3, 0, start, x.length);
    double[] target = sines(0.9, 1, start, x.length);
    double[] chance = sines(3.1, 5.3 * step, start, x.length);
    double[] gradient = new double[x.length];
    Arrays.setAll(gradient, i -> curvature * (1.1 + slope[i]) * (x[i] - 2 * target[i]) + noise * chance[i]);
    return gradient;
  }

  private static double[] sines(double factor, double shift, int start, int count) {
    return IntStream.range(start, start + count).mapToDouble(i -> Math.sin(factor * i + shift)).toArray();
  }

  @Override
  public String toString() {
    return optimizer + " from " + rate + ", curvature " + curvature;
  }
}
