package io.nlar.cuda;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.DType;
import io.nlar.Device;
import io.nlar.Momentum;
import io.nlar.Noise;
import io.nlar.StepConfig;
import io.nlar.cuda.interpreter.Kernel;
import io.nlar.cuda.interpreter.Schedule;
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
      StepConfig.nlarsm(), "nlarpm", StepConfig.nlarpm(), "adamw", StepConfig.adamw());

  private static StepConfig config(String rule, String variant) {
    StepConfig config = RULES.get(rule);
    config = variant.startsWith("plain") ? config.withMomentum(new Momentum.None()) : config;
    return variant.endsWith("frozen") ? config.withNoise(new Noise.Frozen(1))
        : variant.endsWith("fresh") ? config.withNoise(new Noise.Fresh(1)) : config;
  }

  @ParameterizedTest
  @CsvSource(textBlock = """
      FLOAT32, nlarcm, momentum,        30.1, 37.5
      FLOAT32, nlarcm, momentum_frozen, 33.5, 41.1
      FLOAT32, nlarcm, momentum_fresh,  74.4, 81.4
      FLOAT32, nlarcm, plain,             12,   18
      FLOAT32, nlarcm, plain_frozen,    23.6, 30.8
      FLOAT32, nlarcm, plain_fresh,     64.7,   72
      FLOAT32, nlarsm, momentum,        29.9, 37.6
      FLOAT32, nlarpm, momentum,        36.1, 43.5
      FLOAT32, adamw,  means,           22.2, 29.2
      FLOAT64, nlarcm, momentum,        38.6, 45.9
      FLOAT64, nlarcm, plain,           17.3, 23.2
      FLOAT64, nlarsm, momentum,        38.1, 45.5
      FLOAT64, nlarpm, momentum,        43.6, 50.8
      FLOAT64, adamw,  means,           30.4,   39
      """)
  void anElementOfAnUpdateTakesFewInstructions(
      DType type, String rule, String variant, double mostLooped, double most) {
    String kernel = "nlar_apply_" + KernelNames.suffix(type) + "_" + rule + "_" + variant;
    check(run(kernel, type, config(rule, variant)), mostLooped, most);
  }

  @ParameterizedTest
  @CsvSource({"FLOAT32, 7.6", "FLOAT64, 9.1"})
  void anElementOfASumTakesFewInstructions(DType type, double most) {
    check(run("nlar_square_sum_" + KernelNames.suffix(type), type, StepConfig.nlarcm()), most, most);
  }

  private static void check(Counting counts, double mostLooped, double most) {
    assertTrue(counts.looped > 0 && counts.looped <= mostLooped && counts.all <= most, counts.toString());
  }

  /** The second of two steps. */
  private static Counting run(String kernel, DType type, StepConfig config) {
    Counting driver = new Counting(kernel);
    List<GroupSpec> groups = List.of(GroupSpec.of(config, type, new TensorSpec("w", LENGTH)));
    ReferenceStep reference = new ReferenceStep(groups);
    SplittableRandom random = new SplittableRandom(1);
    Arrays.setAll(reference.tensor("w").gradient(), i -> type.round(random.nextGaussian()));
    try (Device device = driver.open(); DeviceModel model = new DeviceModel(device, groups, Layout.ALLOCATED)) {
      model.setGradients(reference);
      model.step().run(1, 1);
      model.step().run(1, 1);
    }
    return driver;
  }
}
