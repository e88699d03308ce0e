package io.nlar.cuda;

import io.nlar.Control;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.Estimator;
import io.nlar.Momentum;
import io.nlar.Noise;
import io.nlar.NonFinite;
import io.nlar.NonFiniteGradientException;
import io.nlar.Precision;
import io.nlar.Scaling;
import io.nlar.StepConfig;
import io.nlar.spi.GroupPlan;
import io.nlar.spi.queue.Variant;
import io.nlar.testkit.BitComparison;
import io.nlar.testkit.BitDifference;
import io.nlar.testkit.DeviceModel;
import io.nlar.testkit.GroupSpec;
import io.nlar.testkit.HostValues;
import io.nlar.testkit.Layout;
import io.nlar.testkit.ReferenceStep;
import io.nlar.testkit.ReferenceTensor;
import io.nlar.testkit.TensorSpec;
import io.nlar.testkit.Written;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Runs that lead a kernel variant through everything that it can do: full and partial packs, aligned and not; every scaling
 * and decay and distribution of noise; skipped and refused steps; gradients that are zeroed; scalars given and read.
 */
final class KernelPaths {
  private static final double BOUND = 0.01;
  /** A gradient that is beyond that bound, and whose square is exact. */
  private static final double CANCELLED = 0.5;
  private static final List<Scaling> SCALINGS = List.of(new Scaling.GlobalNorm(0.05), new Scaling.TensorNorm(0.05),
      new Scaling.Normalised(0.5, 1), new Scaling.Normalised(0.5, 2), new Scaling.Value(BOUND), new Scaling.Soft(BOUND),
      new Scaling.None(), new Scaling.GlobalNorm(1e6));
  private static final List<Scaling> WITHOUT_NORM =
      List.of(new Scaling.Value(BOUND), new Scaling.Soft(BOUND), new Scaling.None());
  private static final List<Momentum> MOMENTA =
      List.of(new Momentum.Inverse(0.9), new Momentum.InverseSqrt(0.9), new Momentum.Constant(0.9));

  private static final List<DType> NARROW = List.of(DType.FLOAT32, DType.BFLOAT16, DType.FLOAT16);

  private static final List<Written> WRITTEN =
      List.of(Written.ADDED, Written.SUBTRACTED_BESIDE, Written.SUBTRACTED, Written.ADDED_BESIDE);

  /** As many tensors as a block of a sum has rows, each of which ends in another row, where it ends with an infinity too. */
  static final int[] ROWS = IntStream.range(0, 32).map(row -> 32 * row + 31).toArray();

  private static final int STEPS = 6;
  /**
   * Tensors of which in each step another one alone has a NaN, in the lane that only one of the shuffles takes to lane 0, and at
   * last in the one that takes all of them.
   */
  static final int[] SEARCHED = IntStream.range(0, 47).map(i -> 1 + i % 3).toArray();
  private static final int[] OFFENDERS = {1, 2, 4, 8, 16, 31};
  /** Completed steps at the start, beyond what 32 bits hold. */
  private static final double APPLIED = 5e9;

  /** A gradient scale with which the square of a norm of tiny gradients is 0. */
  private static final double VANISHING = 1e-200;

  private KernelPaths() {}

  /** A kernel variant by an example of its settings. */
  record Kind(DType value, DType gradient, StepConfig config, boolean updates) {
    /** A variant for values. */
    Kind(DType value, DType gradient, StepConfig config) {
      this(value, gradient, config, false);
    }

    /** A variant whose numbers are all of one type. */
    Kind(DType type, StepConfig config) {
      this(type, type, config);
    }

    Kind with(boolean others) {
      return new Kind(value, gradient, config, others);
    }

    Variant variant() {
      return Variant.of(new GroupPlan(config, value, gradient), updates);
    }

    /** Whether the rule's value to evaluate is another than the one that gradients are taken at. */
    boolean averaged() {
      return toString().endsWith("_averaged");
    }

    /** T. */
    DType type() {
      return value.arithmetic();
    }

    /** The kernel's name. */
    @Override
    public String toString() {
      return KernelNames.update(variant());
    }
  }

  /** Every variant; beside narrow numbers some of them share a kernel. */
  static List<Kind> everyKind() {
    List<Kind> kinds = new ArrayList<>();
    for (DType type : DType.arithmetics()) {
      configs().forEach(config -> kinds.add(new Kind(type, config)));
      averagedConfigs().forEach(config -> kinds.add(new Kind(type, config)));
    }
    for (StepConfig config : Stream.concat(configs().stream(), averagedConfigs().stream()).toList()) {
      for (DType value : NARROW) {
        for (DType gradient : NARROW) {
          for (Precision.State state : Precision.State.values()) {
            for (Precision.Master master : value == DType.BFLOAT16
                ? List.of(Precision.Master.REMAINDER, Precision.Master.NONE) : List.of(Precision.Master.AUTO)) {
              kinds.add(new Kind(value, gradient, config.withPrecision(new Precision(state, master, 3))));
            }
          }
        }
      }
    }
    return kinds;
  }

  private static List<StepConfig> configs() {
    List<StepConfig> configs = new ArrayList<>();
    for (Estimator estimator : List.of(new Estimator.Nlarsm(0.1, 0.1, 0.003, 0.005),
        new Estimator.Nlarcm(0.1, 0.1, 0.003), new Estimator.Nlarpm(0.1, 0.1, 0.003),
        new Estimator.Nlarbb(0.1, 0.1, 0.003, 0.5))) {
      for (Momentum momentum : List.of(MOMENTA.getFirst(), new Momentum.None())) {
        for (Noise noise : List.of(new Noise.None(), new Noise.Frozen(1), new Noise.Fresh(2))) {
          configs.add(StepConfig.nlarcm().withRule(estimator).withMomentum(momentum).withNoise(noise));
        }
      }
    }
    configs.add(StepConfig.adamw());
    configs.add(StepConfig.nadamw());
    configs.add(StepConfig.lion());
    return configs;
  }

  /** Settings whose rules write no updates. */
  private static List<StepConfig> averagedConfigs() {
    return List.of(StepConfig.scheduleFree(), StepConfig.nlarsf());
  }

  /** Every kernel for values that are all of one type, and of those for updates some of every rule. */
  static List<Kind> kinds() {
    List<Kind> kinds = new ArrayList<>(kindsOfValues());
    List<StepConfig> configs = configs();
    for (int i = 0; i < configs.size(); i += 3) {
      DType type = DType.arithmetics().get(i / 3 % 2);
      kinds.add(new Kind(type, type, configs.get(i), true));
    }
    return kinds;
  }

  private static List<Kind> kindsOfValues() {
    return everyKind().stream().filter(kind -> !KernelNames.narrow(kind.variant().storage()))
        .collect(Collectors.toMap(Kind::toString, kind -> kind, (a, b) -> a, LinkedHashMap::new)).values().stream()
        .toList();
  }

  /** A variant of every kernel, with types of gradients and kinds of noise in turn where kernels take any. */
  static List<Kind> everyKernel() {
    List<Kind> kinds = new ArrayList<>(kinds());
    for (List<Kind> variants : narrowKernels().values()) {
      kinds.add(variants.get(kinds.size() % variants.size()));
    }
    return kinds;
  }

  /** The variants of every kernel that keeps something in 16 bits. */
  static Map<String, List<Kind>> narrowKernels() {
    return everyKind().stream().filter(kind -> KernelNames.narrow(kind.variant().storage()))
        .collect(Collectors.groupingBy(Kind::toString, LinkedHashMap::new, Collectors.toList()));
  }

  /**
   * Groups of one kernel variant that go through all scalings and decays.
   *
   * @param lengths the tensors' lengths, which the groups share out among them
   */
  static List<GroupSpec> groups(Kind kind, int[] lengths, boolean norms, NonFinite policy) {
    List<Scaling> scalings = norms ? SCALINGS : WITHOUT_NORM;
    int count = 2 * scalings.size();
    List<GroupSpec> groups = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      StepConfig config = kind.config.withScaling(scalings.get(i % scalings.size())).withNonFinite(policy)
          .withWeightDecay(i < scalings.size() == kind.updates ? 0.1 : 0); // updates of the longest tensors read values
      if (config.rule() instanceof Estimator) {
        config = config.withPriorWeight(-cancelled(scalings.get(i % scalings.size()), kind.type()));
      }
      if (config.noise() instanceof Noise.Fresh fresh) {
        Noise.Distribution[] all = Noise.Distribution.values();
        config = config.withNoise(new Noise.Fresh(fresh.seed(), all[i % all.length]));
      }
      if (config.momentum().active()) {
        config = config.withMomentum(MOMENTA.get(i % MOMENTA.size()));
      }
      List<TensorSpec> tensors = new ArrayList<>();
      for (int j = i; j < lengths.length; j += count) {
        Written written = kind.updates ? WRITTEN.get(j % WRITTEN.size()) : Written.VALUE;
        tensors.add(new TensorSpec("t" + j, lengths[j], j % 3 == 0 && !written.overGradient(), written));
      }
      if (!tensors.isEmpty()) {
        groups.add(new GroupSpec(config, kind.value, kind.gradient, tensors));
      }
    }
    return groups;
  }

  /** The weight that some gradients have in a first step whose scalars are 1, so that a prior weight becomes exactly 0. */
  private static double cancelled(Scaling scaling, DType type) {
    double bound = type.round(BOUND);
    return switch (scaling) {
      case Scaling.None s -> CANCELLED * CANCELLED;
      case Scaling.Value s -> type.round(bound * bound);
      case Scaling.Soft s -> type.round(bound * bound) / 4;
      default -> -0.1;
    };
  }

  /** Lengths of many small tensors, and some beyond a chunk and a block of the sums. */
  static int[] lengths(int small, int... more) {
    int[] lengths = Arrays.copyOf(more, more.length + small);
    for (int i = 0; i < small; i++) {
      lengths[more.length + i] = i * 7 % 41;
    }
    return lengths;
  }

  static Optional<BitDifference> run(Device device, String name, List<GroupSpec> groups, Layout layout, long seed) {
    return run(device, name, groups, layout, layout, seed);
  }

  /**
   * Runs steps on a device and the reference; returns the first difference. In two numbers that are not finite are met, in
   * one all gradients are so tiny that a normalising factor reaches its limit, or infinity where the rate factor is 0, in
   * one all are zeros.
   */
  static Optional<BitDifference> run(Device device, String name, List<GroupSpec> groups, Layout layout,
      Layout layoutOfGradients, long seed) {
    ReferenceStep reference = new ReferenceStep(groups);
    SplittableRandom random = new SplittableRandom(seed);
    try (DeviceModel model = new DeviceModel(device, groups, layout, layoutOfGradients)) {
      reference.tensors().forEach(tensor -> fill(tensor.storage().value(), tensor.value(), random));
      reference.takeValues();
      model.setValues(reference);
      if (layout == Layout.ALLOCATED) {
        reference.control()[Control.APPLIED.ordinal()] = APPLIED;
        HostValues.write(model.step().control().slice(Control.APPLIED.ordinal(), 1), APPLIED);
      }
      for (int number = 1; number <= STEPS; number++) {
        feed(reference, random, number);
        model.setGradients(reference);
        step(reference, model, number, layout == Layout.ALLOCATED);
        Optional<BitDifference> difference = BitComparison.difference(name, number, reference, model);
        if (difference.isPresent()) {
          return difference;
        }
      }
      return Optional.empty();
    }
  }

  private static void step(ReferenceStep reference, DeviceModel model, int number, boolean pauses) {
    boolean given = number % 2 == 1;
    double scale = number == 1 ? 1 : 0.5;
    double factor = number == 1 ? 1 : given ? 0.9 : 0.75;
    if (pauses && number == 4) {
      factor = 0;
      reference.control()[Control.GRADIENT_SCALE.ordinal()] = VANISHING;
      HostValues.write(model.step().control().slice(Control.GRADIENT_SCALE.ordinal(), 1), VANISHING);
    }
    if (!given) {
      HostValues.write(model.step().control().slice(Control.RATE_FACTOR.ordinal(), 1), factor);
    }
    int offender = reference.run(given ? scale : reference.get(Control.GRADIENT_SCALE), factor);
    long ticket = given ? model.step().run(scale, factor) : model.step().run();
    try {
      model.step().await(ticket);
      if (offender >= 0) {
        throw new AssertionError("step " + number + " was not refused");
      }
    } catch (NonFiniteGradientException refused) {
      String culprit = "'" + reference.tensors().get(Math.max(0, offender)).spec().name() + "'";
      if (offender < 0 || !refused.getMessage().contains(culprit)) {
        throw new AssertionError("step " + number + ": " + refused.getMessage() + " instead of " + culprit);
      }
    }
  }

  private static void feed(ReferenceStep reference, SplittableRandom random, int number) {
    for (ReferenceTensor tensor : reference.tensors()) {
      DType type = tensor.storage().gradient();
      double tiny = switch (type) {
        case FLOAT64 -> 1e-160;
        case FLOAT16 -> 1e-6;
        case FLOAT32, BFLOAT16, UINT16 -> 1e-30;
      };
      double factor = number == 4 ? tiny : number == 5 ? 0 : 1;
      fill(type, tensor.gradient(), random);
      Arrays.setAll(tensor.gradient(), i -> type.round(factor * tensor.gradient()[i]));
    }
    if (reference.tensors().size() == SEARCHED.length) {
      reference.tensors().get(OFFENDERS[number - 1]).gradient()[0] = Double.NaN;
      return;
    }
    // The first of the bad tensors is to be named: one that a warp finds at its second look, one of two of a lane.
    List<ReferenceTensor> some = reference.tensors().stream().filter(t -> t.gradient().length > 0).toList();
    if (number == 3 && !some.isEmpty()) {
      some.get(some.size() * 5 / 6).gradient()[0] = Double.NaN;
      some.getLast().gradient()[0] = Double.POSITIVE_INFINITY;
    }
    if (number == 6 && reference.tensors().size() > 32) {
      List<ReferenceTensor> all = reference.tensors();
      int pair = 0;
      while (all.get(pair).gradient().length == 0 || all.get(pair + 32).gradient().length == 0) {
        pair++;
      }
      all.get(pair).gradient()[0] = Double.NEGATIVE_INFINITY;
      all.get(pair + 32).gradient()[0] = Double.NaN;
    }
    if (number == 6 && reference.tensors().size() == ROWS.length) {
      for (int i = 0; i < ROWS.length; i++) {
        double[] gradient = reference.tensors().get(i).gradient();
        gradient[gradient.length - 1] = Double.POSITIVE_INFINITY;
      }
    }
  }

  /** Numbers of a common size, around the noise scale and far below it, and zeros of both signs. */
  private static void fill(DType type, double[] numbers, SplittableRandom random) {
    Arrays.setAll(numbers, i -> {
      double x = random.nextGaussian();
      return type.round(switch (random.nextInt(8)) {
        case 0 -> 0 * x;
        case 1 -> 0.003 * x;
        case 2 -> 1e-21 * x;
        case 3 -> 1e-4 * x;
        case 4 -> Math.copySign(CANCELLED, x);
        case 5 -> Math.copySign(BOUND, x);
        default -> 0.05 * x;
      });
    });
  }
}
