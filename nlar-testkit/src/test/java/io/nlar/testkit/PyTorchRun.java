package io.nlar.testkit;

import com.fasterxml.jackson.jr.ob.JSON;
import io.nlar.AdamW;
import io.nlar.Buffer;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.Momentum;
import io.nlar.Noise;
import io.nlar.NonFinite;
import io.nlar.Parameter;
import io.nlar.ParameterGroup;
import io.nlar.Scaling;
import io.nlar.Slot;
import io.nlar.Step;
import io.nlar.StepConfig;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * A recorded run of PyTorch's AdamW. Values and gradients are drawn anew, as {@code nlar-testkit/record-adamw} says,
 * which wrote the file.
 *
 * @param name the case
 * @param config the settings; {@code clip_grad_norm_} before the step is {@link Scaling.GlobalNorm}
 * @param shapes lengths of the tensors
 * @param seed of the draws
 * @param exponents of the gradients' factor 2^e, in turn; null makes them 0
 * @param rateFactors k, in turn
 * @param recorded what PyTorch computed
 */
public record PyTorchRun(String name, StepConfig config, List<Integer> shapes, long seed, List<Double> exponents,
    List<Double> rateFactors, List<Recorded> recorded) {

  /**
   * What one or more of PyTorch's implementations computed in one type.
   *
   * @param by single, foreach and fused, where they agree in every bit
   */
  public record Recorded(DType type, List<String> by, List<Model> models) {}

  /** θ, m and q of all tensors after a step. */
  public record Model(int step, double[] theta, double[] mean, double[] square) {
    /** The three with their names. */
    public Map<String, double[]> quantities() {
      return Map.of("theta", theta, "mean", mean, "square", square);
    }
  }

  /** All runs of the file. */
  public static List<PyTorchRun> all() {
    try (InputStream json = PyTorchRun.class.getResourceAsStream("adamw/pytorch.json")) {
      Map<String, Object> root = JSON.std.mapFrom(json);
      List<Integer> shapes = doubles(root.get("shapes")).stream().map(Double::intValue).toList();
      return maps(root.get("runs")).map(run -> of(run, shapes)).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static PyTorchRun of(Map<String, Object> run, List<Integer> shapes) {
    Scaling scaling = run.get("clipNorm") == null ? new Scaling.None() : new Scaling.GlobalNorm(number(run, "clipNorm"));
    AdamW rule =
        new AdamW(number(run, "learningRate"), number(run, "beta1"), number(run, "beta2"), number(run, "epsilon"));
    StepConfig config = new StepConfig(scaling, rule, new Momentum.None(), new Noise.None(), number(run, "weightDecay"),
        NonFinite.AUTO);
    List<Recorded> recorded = maps(run.get("recorded")).map(PyTorchRun::recorded).toList();
    return new PyTorchRun((String) run.get("name"), config, shapes, (long) number(run, "seed"),
        doubles(run.get("exponents")), doubles(run.get("rateFactors")), recorded);
  }

  @SuppressWarnings("unchecked")
  private static Recorded recorded(Map<String, Object> entry) {
    DType type = DType.valueOf(((String) entry.get("type")).toUpperCase(Locale.ROOT));
    List<Model> models = maps(entry.get("snapshots"))
        .map(model -> new Model((int) number(model, "step"), elements(model, "theta", type),
            elements(model, "mean", type), elements(model, "square", type)))
        .toList();
    return new Recorded(type, (List<String>) entry.get("by"), models);
  }

  private static double[] elements(Map<String, Object> model, String key, DType type) {
    return doubles(model.get(key)).stream().mapToDouble(type::round).toArray();
  }

  private static double number(Map<String, Object> parent, String key) {
    return ((Number) parent.get(key)).doubleValue();
  }

  private static List<Double> doubles(Object list) {
    return ((List<?>) list).stream().map(n -> n == null ? null : (Double) ((Number) n).doubleValue()).toList();
  }

  @SuppressWarnings("unchecked")
  private static Stream<Map<String, Object>> maps(Object list) {
    return ((List<Map<String, Object>>) list).stream();
  }

  /** What PyTorch's implementations computed in this type. */
  public List<Recorded> recorded(DType type) {
    return recorded.stream().filter(r -> r.type == type).toList();
  }

  /** Does the run on a device, all tensors in one group, and returns the models that PyTorch recorded too. */
  public List<Model> on(Device device, DType type) {
    List<Model> models = new ArrayList<>();
    SplittableRandom draws = new SplittableRandom(seed);
    List<Buffer> values = allocate(device, type);
    List<Buffer> gradients = allocate(device, type);
    List<Parameter> parameters = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      parameters.add(new Parameter("tensor" + i, values.get(i), gradients.get(i)));
    }
    try (Step step = device.compile(List.of(new ParameterGroup(config, parameters)))) {
      draw(draws, 1, values);
      for (Model expected : recorded(type).getFirst().models) {
        while (step.stats().applied() < expected.step) {
          int done = (int) step.stats().applied();
          Double exponent = exponents.get(done % exponents.size());
          draw(draws, exponent == null ? 0 : Math.scalb(1.0, exponent.intValue()), gradients);
          step.await(step.run(1, rateFactors.get(done % rateFactors.size())));
        }
        models.add(new Model(expected.step, read(values), read(states(step, Slot.MEAN)),
            read(states(step, Slot.SQUARE))));
      }
    } finally {
      Stream.of(values, gradients).flatMap(List::stream).forEach(Buffer::close);
    }
    return models;
  }

  private List<Buffer> allocate(Device device, DType type) {
    return shapes.stream().map(length -> device.allocate(type, length)).toList();
  }

  private static List<Buffer> states(Step step, Slot slot) {
    return step.parameters().stream().map(name -> step.state(name, slot)).toList();
  }

  private static double[] read(List<Buffer> buffers) {
    return buffers.stream().flatMapToDouble(buffer -> Arrays.stream(HostValues.read(buffer))).toArray();
  }

  /** SplittableRandom is the SplitMix64 that the recording writes out. */
  private static void draw(SplittableRandom draws, double factor, List<Buffer> to) {
    for (Buffer buffer : to) {
      double[] numbers = new double[Math.toIntExact(buffer.length())];
      Arrays.setAll(numbers, i -> (draws.nextLong() >> 40) * 0x1p-23 * factor + 0.0);
      HostValues.write(buffer, numbers);
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
