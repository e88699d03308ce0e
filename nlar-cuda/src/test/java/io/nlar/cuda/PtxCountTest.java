package io.nlar.cuda;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.DType;
import io.nlar.Device;
import io.nlar.Momentum;
import io.nlar.Noise;
import io.nlar.Precision;
import io.nlar.StepConfig;
import io.nlar.cuda.interpreter.Kernel;
import io.nlar.cuda.interpreter.Schedule;
import io.nlar.spi.GroupPlan;
import io.nlar.spi.queue.Variant;
import io.nlar.testkit.DeviceModel;
import io.nlar.testkit.GroupSpec;
import io.nlar.testkit.Layout;
import io.nlar.testkit.ReferenceStep;
import io.nlar.testkit.TensorSpec;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * How many instructions of PTX a step takes an element, on ordinary numbers in aligned tensors: in the loop over a thread's
 * packs, and altogether. What a thread does once is shared by 16 elements of an update, and 32 of a sum.
 */
class PtxCountTest {
  /** Chunks enough that each is one thread block's, as in any large model. */
  private static final int LENGTH = 260 * LaunchShape.CHUNK;

  /** Counts what the threads of one kernel execute. */
  private static final class Counting extends PtxDriver {
    private final String kernel;
    private double looped;
    private double all;
    private double branches;

    Counting(String kernel) {
      super(Schedule.of(Schedule.Order.ASCENDING), false);
      this.kernel = kernel;
    }

    @Override
    void launched(Kernel launched, long[] executed) {
      if (!launched.name().equals(kernel)) {
        return;
      }
      long threads = executed[0];
      looped = Arrays.stream(executed).filter(count -> count > threads).sum() / (double) LENGTH;
      all = Arrays.stream(executed).sum() / (double) LENGTH;
      branches = IntStream.range(0, executed.length).filter(i -> launched.instructions().get(i).contains("bra"))
          .mapToLong(i -> executed[i]).sum() / (double) LENGTH;
    }

    @Override
    public String toString() {
      return String.format(Locale.ROOT, "%s: %.2f instructions an element in the loop, %.2f altogether, %.2f of them"
          + " branches", kernel, looped, all, branches);
    }
  }

  private static final Map<String, StepConfig> RULES = Map.of("nlarcm", StepConfig.nlarcm(), "nlarsm",
      StepConfig.nlarsm(), "nlarpm", StepConfig.nlarpm(), "nlarbb", StepConfig.nlarbb(), "adamw", StepConfig.adamw(),
      "nlarsf", StepConfig.nlarsf(), "schedulefree", StepConfig.scheduleFree());

  private static StepConfig config(String rule, String variant) {
    StepConfig config = RULES.get(rule);
    config = variant.startsWith("plain") ? config.withMomentum(new Momentum.None()) : config;
    return variant.endsWith("frozen") ? config.withNoise(new Noise.Frozen(1))
        : variant.endsWith("fresh") ? config.withNoise(new Noise.Fresh(1)) : config;
  }

  @ParameterizedTest
  @CsvSource(textBlock = """
      FLOAT32, nlarcm, momentum,        30.1, 37.6
      FLOAT32, nlarcm, momentum_frozen, 33.5, 41.2
      FLOAT32, nlarcm, momentum_fresh,  74.4, 81.6
      FLOAT32, nlarcm, plain,             12,   18
      FLOAT32, nlarcm, plain_frozen,    23.6, 30.9
      FLOAT32, nlarcm, plain_fresh,     64.7, 72.1
      FLOAT32, nlarsm, momentum,        29.9, 37.6
      FLOAT32, nlarpm, momentum,        36.1, 43.5
      FLOAT32, nlarbb, momentum,        36.3, 43.9
      FLOAT32, adamw,  means,           22.2, 29.2
      FLOAT32, nlarsf, averaged,        67.3,   76
      FLOAT32, schedulefree, averaged,  23.2, 30.6
      FLOAT64, nlarcm, momentum,        38.6, 45.9
      FLOAT64, nlarcm, plain,           17.3, 23.2
      FLOAT64, nlarsm, momentum,        38.1, 45.7
      FLOAT64, nlarpm, momentum,        43.6, 50.8
      FLOAT64, nlarbb, momentum,        45.1, 52.7
      FLOAT64, adamw,  means,           30.4, 39.1
      FLOAT64, nlarsf, averaged,        79.3, 88.4
      FLOAT64, schedulefree, averaged,  29.4, 38.9
      """)
  void anElementOfAnUpdateTakesFewInstructions(
      DType type, String rule, String variant, double mostLooped, double most) {
    String kernel = "nlar_apply_" + KernelNames.suffix(type) + "_" + rule + "_" + variant;
    check(run(kernel, type, config(rule, variant)), mostLooped, most);
  }

  /** Values, gradients, state; how many bytes an update moves with them is in docs/benchmarks.md. */
  @ParameterizedTest
  @CsvSource(textBlock = """
      BFLOAT16, BFLOAT16, COMPACT, AUTO, nlarcm, momentum,        89.2,  99.3
      BFLOAT16, BFLOAT16, COMPACT, NONE, nlarcm, momentum,        78.4,  88.1
      BFLOAT16, BFLOAT16, FULL,    AUTO, nlarcm, momentum,        51.3,  62.7
      FLOAT32,  FLOAT32,  COMPACT, AUTO, nlarcm, momentum,          67,  77.7
      FLOAT32,  BFLOAT16, FULL,    AUTO, nlarcm, momentum,        30.2,  40.6
      FLOAT16,  FLOAT16,  COMPACT, AUTO, nlarcm, momentum,        98.3,   109
      BFLOAT16, BFLOAT16, COMPACT, AUTO, nlarsm, momentum,        89.2,  99.4
      BFLOAT16, BFLOAT16, COMPACT, AUTO, nlarpm, momentum,        94.1, 104.2
      BFLOAT16, BFLOAT16, COMPACT, AUTO, nlarcm, momentum_fresh, 225.7, 234.8
      BFLOAT16, BFLOAT16, FULL,    AUTO, nlarcm, plain,           33.4,  41.7
      BFLOAT16, BFLOAT16, COMPACT, AUTO, adamw,  means,           73.3,  83.5
      """)
  void anElementInSixteenBitsTakesFewInstructions(DType value, DType gradient, Precision.State state,
      Precision.Master master, String rule, String variant, double mostLooped, double most) {
    StepConfig config = config(rule, variant).withPrecision(new Precision(state, master, 1));
    String kernel = KernelNames.update(Variant.of(new GroupPlan(config, value, gradient)));
    check(run(kernel, new GroupSpec(config, value, gradient, List.of(new TensorSpec("w", LENGTH)))), mostLooped, most);
  }

  @ParameterizedTest
  @CsvSource({"FLOAT32, 7.6", "FLOAT64, 9.1", "BFLOAT16, 10.6", "FLOAT16, 17.7"})
  void anElementOfASumTakesFewInstructions(DType type, double most) {
    check(run("nlar_square_sum_" + KernelNames.suffix(type), type, StepConfig.nlarcm()), most, most);
  }

  private static void check(Counting counts, double mostLooped, double most) {
    assertTrue(counts.looped > 0 && counts.looped <= mostLooped && counts.all <= most, counts.toString());
  }

  private static Counting run(String kernel, DType type, StepConfig config) {
    return run(kernel, GroupSpec.of(config, type, new TensorSpec("w", LENGTH)));
  }

  /** The second of two steps. */
  private static Counting run(String kernel, GroupSpec group) {
    Counting driver = new Counting(kernel);
    List<GroupSpec> groups = List.of(group);
    ReferenceStep reference = new ReferenceStep(groups);
    SplittableRandom random = new SplittableRandom(1);
    Arrays.setAll(reference.tensor("w").gradient(), i -> group.gradient().round(random.nextGaussian()));
    try (Device device = driver.open(); DeviceModel model = new DeviceModel(device, groups, Layout.ALLOCATED)) {
      model.setGradients(reference);
      model.step().run(1, 1);
      model.step().run(1, 1);
    }
    return driver;
  }
}
