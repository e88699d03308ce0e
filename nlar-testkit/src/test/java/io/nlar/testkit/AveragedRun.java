package io.nlar.testkit;

import com.fasterxml.jackson.jr.ob.JSON;
import io.nlar.Buffer;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.Momentum;
import io.nlar.Nlarsf;
import io.nlar.Noise;
import io.nlar.NonFinite;
import io.nlar.Parameter;
import io.nlar.ParameterGroup;
import io.nlar.Rule;
import io.nlar.Scaling;
import io.nlar.ScheduleFree;
import io.nlar.Slot;
import io.nlar.Step;
import io.nlar.StepConfig;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * A recorded run of Schedule-Free AdamW or Nlarsf. Values and gradients are drawn anew, as {@code
 * nlar-testkit/record-averaged} says, which wrote the file.
 *
 * @param name the case
 * @param config the settings
 * @param shapes lengths of the tensors
 * @param seed of the draws
 * @param curvature by which values enter gradients
 * @param exponents of the draws' factor 2^e, in turn; null makes them 0
 * @param rateFactors k, in turn
 * @param models what was recorded
 */
public record AveragedRun(String name, StepConfig config, List<Integer> shapes, long seed, double curvature,
    List<Double> exponents, List<Double> rateFactors, List<Model> models) {

  /** Value and state of all tensors after a step, by name. */
  public record Model(int step, Map<String, double[]> quantities) {}

  /** All runs of the file. */
  public static List<AveragedRun> all() {
    try (InputStream json = AveragedRun.class.getResourceAsStream("averaged/runs.json")) {
      Map<String, Object> root = JSON.std.mapFrom(json);
      List<Integer> shapes = doubles(root.get("shapes")).stream().map(Double::intValue).toList();
      return maps(root.get("runs")).map(run -> of(run, shapes)).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Every so manyth run. */
  public static List<AveragedRun> some(int every) {
    return RandomCases.every(every, all());
  }

  private static AveragedRun of(Map<String, Object> run, List<Integer> shapes) {
    Scaling scaling = run.get("clipNorm") == null ? new Scaling.None() : new Scaling.GlobalNorm(number(run, "clipNorm"));
    Rule rule = run.get("rule").equals("nlarsf")
        ? new Nlarsf(number(run, "learningRate"), number(run, "beta"), number(run, "beta2"), number(run, "epsilon"),
            number(run, "growth"), number(run, "gain"), number(run, "bias"), number(run, "largestRate"))
        : new ScheduleFree(number(run, "learningRate"), number(run, "beta"), number(run, "beta2"), number(run, "epsilon"),
            ScheduleFree.Unit.valueOf((String) run.get("unit")));
    StepConfig config = new StepConfig(scaling, rule, new Momentum.None(), new Noise.None(), number(run, "weightDecay"),
        NonFinite.AUTO);
    return new AveragedRun((String) run.get("name"), config, shapes, (long) number(run, "seed"), number(run, "curvature"),
        doubles(run.get("exponents")), doubles(run.get("rateFactors")),
        maps(run.get("snapshots")).map(AveragedRun::model).toList());
  }

  private static Model model(Map<String, Object> snapshot) {
    Map<String, double[]> quantities = new LinkedHashMap<>();
    snapshot.forEach((name, numbers) -> {
      if (numbers instanceof List<?>) {
        quantities.put(name, doubles(numbers).stream().mapToDouble(x -> x).toArray());
      }
    });
    return new Model((int) number(snapshot, "step"), quantities);
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

  /** Does the run on a device, all tensors in one group, and returns the models that were recorded too. */
  public List<Model> on(Device device, DType type) {
    List<Model> reached = new ArrayList<>();
    SplittableRandom draws = new SplittableRandom(seed);
    List<Buffer> values = allocate(device, type);
    List<Buffer> gradients = allocate(device, type);
    List<Parameter> parameters = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      parameters.add(new Parameter("tensor" + i, values.get(i), gradients.get(i)));
    }
    try (Step step = device.compile(List.of(new ParameterGroup(config, parameters)))) {
      draw(draws, 1, 0, values, values);
      int done = 0;
      for (Model expected : models) {
        for (; done < expected.step; done++) {
          Double exponent = exponents.get(done % exponents.size());
          draw(draws, exponent == null ? 0 : Math.scalb(1.0, exponent.intValue()), curvature, values, gradients);
          step.await(step.run(1, rateFactors.get(done % rateFactors.size())));
        }
        Map<String, double[]> quantities = new LinkedHashMap<>();
        expected.quantities.keySet().forEach(name -> quantities.put(name, read(name, step, values)));
        reached.add(new Model(expected.step, quantities));
      }
    } finally {
      Stream.of(values, gradients).flatMap(List::stream).forEach(Buffer::close);
    }
    return reached;
  }

  private List<Buffer> allocate(Device device, DType type) {
    return shapes.stream().map(length -> device.allocate(type, length)).toList();
  }

  private static double[] read(String quantity, Step step, List<Buffer> values) {
    if (quantity.equals("theta")) {
      return read(values);
    }
    boolean rate = quantity.equals("rate");
    Slot slot = Arrays.stream(Slot.values()).filter(each -> rate ? each == Slot.LOG_RATE : each.label().equals(quantity))
        .filter(each -> rate || each != Slot.RATE).findFirst().orElseThrow();
    double[] read = read(step.parameters().stream().map(name -> step.state(name, slot)).toList());
    return rate ? Arrays.stream(read).map(Math::exp).toArray() : read;
  }

  private static double[] read(List<Buffer> buffers) {
    return buffers.stream().flatMapToDouble(buffer -> Arrays.stream(HostValues.read(buffer))).toArray();
  }

  /** SplittableRandom is the SplitMix64 that the recording writes out. */
  private static void draw(SplittableRandom draws, double factor, double curvature, List<Buffer> values, List<Buffer> to) {
    for (int i = 0; i < to.size(); i++) {
      double[] value = HostValues.read(values.get(i));
      double[] numbers = new double[value.length];
      Arrays.setAll(numbers, j -> (draws.nextLong() >> 40) * 0x1p-23 * factor + curvature * value[j]);
      HostValues.write(to.get(i), numbers);
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
