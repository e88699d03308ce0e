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
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * How many instructions of PTX a step takes an element, on ordinary numbers in aligned tensors: in the loop over a thread's
 * packs, and altogether. What a thread does once is shared by 32 elements of an update, and 64 of a sum.
 */
@Execution(ExecutionMode.CONCURRENT)
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
      "lion", StepConfig.lion(), "nlarsf", StepConfig.nlarsf(), "schedulefree", StepConfig.scheduleFree());

  private static StepConfig config(String rule, String variant) {
    StepConfig config = RULES.get(rule);
    config = variant.equals("nesterov") ? StepConfig.nadamw() : config;
    config = variant.startsWith("plain") ? config.withMomentum(new Momentum.None()) : config;
    return variant.endsWith("frozen") ? config.withNoise(new Noise.Frozen(1))
        : variant.endsWith("fresh") ? config.withNoise(new Noise.Fresh(1)) : config;
  }

  @ParameterizedTest
  @CsvSource(textBlock = """
      FLOAT32, nlarcm, momentum,        30.3, 34.3
      FLOAT32, nlarcm, momentum_frozen, 33.8, 37.8
      FLOAT32, nlarcm, momentum_fresh,  74.4, 81.6
      FLOAT32, nlarcm, plain,           12.2, 15.3
      FLOAT32, nlarcm, plain_frozen,    23.8, 27.8
      FLOAT32, nlarcm, plain_fresh,     64.7, 72.1
      FLOAT32, nlarsm, momentum,        30.1, 34.1
      FLOAT32, nlarpm, momentum,        36.3, 40.2
      FLOAT32, nlarbb, momentum,        36.5, 40.6
      FLOAT32, adamw,  means,           22.4, 26.1
      FLOAT32, adamw,  nesterov,        25.4, 29.1
      FLOAT32, lion,   mean,            18.3, 22.2
      FLOAT32, nlarsf, averaged,        45.4, 52.7
      FLOAT32, schedulefree, averaged,  23.4, 27.3
      FLOAT64, nlarcm, momentum,        38.8, 42.7
      FLOAT64, nlarcm, plain,           17.4, 20.6
      FLOAT64, nlarsm, momentum,        38.3, 42.3
      FLOAT64, nlarpm, momentum,        43.8, 47.6
      FLOAT64, nlarbb, momentum,        45.3, 49.3
      FLOAT64, adamw,  means,           30.7, 35.5
      FLOAT64, adamw,  nesterov,        33.7, 38.5
      FLOAT64, lion,   mean,            24.8, 29.2
      FLOAT64, nlarsf, averaged,        58.1, 65.5
      FLOAT64, schedulefree, averaged,  29.7, 34.4
      """)
  void anElementOfAnUpdateTakesFewInstructions(
      DType type, String rule, String variant, double mostLooped, double most) {
    String kernel = "nlar_apply_" + KernelNames.suffix(type) + "_" + rule + "_" + variant;
    check(run(kernel, type, config(rule, variant)), mostLooped, most);
  }

  /** Values, gradients, state; how many bytes an update moves with them is in docs/benchmarks.md. */
  @ParameterizedTest
  @CsvSource(textBlock = """
      BFLOAT16, BFLOAT16, COMPACT, AUTO, nlarcm, momentum,        89.9,  94.9
      BFLOAT16, BFLOAT16, COMPACT, NONE, nlarcm, momentum,        79.1,  83.9
      BFLOAT16, BFLOAT16, FULL,    AUTO, nlarcm, momentum,        52.6,  58.1
      FLOAT32,  FLOAT32,  COMPACT, AUTO, nlarcm, momentum,        68.4,  73.4
      FLOAT32,  BFLOAT16, FULL,    AUTO, nlarcm, momentum,        31.4,  36.4
      FLOAT16,  FLOAT16,  COMPACT, AUTO, nlarcm, momentum,        99.1, 104.4
      BFLOAT16, BFLOAT16, COMPACT, AUTO, nlarsm, momentum,        89.9,    95
      BFLOAT16, BFLOAT16, COMPACT, AUTO, nlarpm, momentum,        94.8,  99.8
      BFLOAT16, BFLOAT16, COMPACT, AUTO, nlarcm, momentum_fresh, 226.1, 230.9
      BFLOAT16, BFLOAT16, FULL,    AUTO, nlarcm, plain,           33.9,  38.1
      BFLOAT16, BFLOAT16, COMPACT, AUTO, adamw,  means,             74,  78.8
      BFLOAT16, BFLOAT16, COMPACT, AUTO, adamw,  nesterov,           77,  81.8
      BFLOAT16, BFLOAT16, COMPACT, AUTO, lion,   mean,             57.1,  61.7
      BFLOAT16, BFLOAT16, COMPACT, AUTO, nlarsf, averaged,       87.9, 96.5
      BFLOAT16, BFLOAT16, COMPACT, AUTO, schedulefree, averaged,  73.7,  78.6
      """)
  void anElementInSixteenBitsTakesFewInstructions(DType value, DType gradient, Precision.State state,
      Precision.Master master, String rule, String variant, double mostLooped, double most) {
    StepConfig config = config(rule, variant).withPrecision(new Precision(state, master, 1));
    String kernel = KernelNames.update(Variant.of(new GroupPlan(config, value, gradient)));
    check(run(kernel, new GroupSpec(config, value, gradient, List.of(new TensorSpec("w", LENGTH)))), mostLooped, most);
  }

  @ParameterizedTest
  @CsvSource({"FLOAT32, 7", "FLOAT64, 8.7", "BFLOAT16, 10.6", "FLOAT16, 18.6"})
  void anElementOfASumTakesFewInstructions(DType type, double most) {
    Counting counts = run("nlar_square_sum_" + KernelNames.suffix(type), type, StepConfig.nlarcm());
    assertTrue(counts.all > 0 && counts.all <= most, counts.toString());
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
