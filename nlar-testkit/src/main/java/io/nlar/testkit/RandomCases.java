package io.nlar.testkit;

import io.nlar.AdamW;
import io.nlar.DType;
import io.nlar.DeviceInfo;
import io.nlar.Estimator;
import io.nlar.Lion;
import io.nlar.Momentum;
import io.nlar.Nlarsf;
import io.nlar.Noise;
import io.nlar.NonFinite;
import io.nlar.Precision;
import io.nlar.Rule;
import io.nlar.Scaling;
import io.nlar.ScheduleFree;
import io.nlar.StepConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleFunction;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * The cases in which a device must agree with the reference bit by bit. The list is the same on every machine and in
 * every run.
 */
public final class RandomCases {
  private static final double[] LEARNING_RATES = {0.1, 1, 1e-4, 0.3, 0};
  private static final double[] PRIOR_WEIGHTS = {0.1, 1, 10, 0.01, -0.5, 0};
  /** With 1.005e-25 the threshold σ·2⁻⁶⁰ of float32 is a subnormal number, rounded down. */
  private static final double[] NOISE_SCALES = {1e-19, 1e-3, 0.5, 1.005e-25, 1e-30, 0};
  private static final double[] LOWER_CLIPS = {0.01, 1e-40, 1e-320, 1e-3};
  private static final double[] SECANT_WEIGHTS = {1, 0.1, 30, 0};
  private static final double[] MOMENTA = {1, 0.5, 0.9, 3};
  private static final double[] BETAS = {0.9, 0.999, 0, 0.5, 0x1.fffffffffffffp-1};
  private static final double[] EPSILONS = {1e-8, 1e-3, 1, 1e-40};
  private static final double[] BOUNDS = {1, 0.05, 1e-3, 100};
  private static final double[] WEIGHT_DECAYS = {0.01, 0.3};
  private static final int[] SMALL_LENGTHS = {0, 1, 2, 3, 5, 15, 16, 17, 31, 32, 33, 64, 100};
  private static final int[] BLOCK_LENGTHS = {255, 257, 1023, 1024, 1025, 2049};
  private static final int[] LENGTHS = {0, 1, 31, 32, 33, 1023, 1024, 1025, 65_537};
  private static final int[] PART_LENGTHS = {0, 7, 1024, 1030, 2048, 3500, 5001};
  /** Beyond one Mi the sum of squares has a third level. */
  private static final int THREE_LEVELS = 1024 * 1024 + 1025 + 33;

  private static final List<Kind<Estimator>> ESTIMATORS = List.of(
      new Kind<>("nlarsm", r -> new Estimator.Nlarsm(
          pick(r, LEARNING_RATES), pick(r, PRIOR_WEIGHTS), pick(r, NOISE_SCALES), 0)),
      new Kind<>("nlarsm-lower", r -> new Estimator.Nlarsm(
          pick(r, LEARNING_RATES), pick(r, PRIOR_WEIGHTS), pick(r, NOISE_SCALES), pick(r, LOWER_CLIPS))),
      new Kind<>("nlarcm", r -> new Estimator.Nlarcm(
          pick(r, LEARNING_RATES), pick(r, PRIOR_WEIGHTS), pick(r, NOISE_SCALES))),
      new Kind<>("nlarpm", r -> new Estimator.Nlarpm(
          pick(r, LEARNING_RATES), pick(r, PRIOR_WEIGHTS), pick(r, NOISE_SCALES))),
      new Kind<>("nlarbb", r -> new Estimator.Nlarbb(
          pick(r, LEARNING_RATES), pick(r, PRIOR_WEIGHTS), pick(r, NOISE_SCALES), pick(r, SECANT_WEIGHTS))));

  private static final List<Kind<Rule>> OTHER_RULES = List.of(
      new Kind<>("adamw", r -> new AdamW(
          pick(r, LEARNING_RATES), pick(r, BETAS), pick(r, BETAS), pick(r, EPSILONS))),
      new Kind<>("nadamw", r -> new AdamW(
          pick(r, LEARNING_RATES), pick(r, BETAS), pick(r, BETAS), pick(r, EPSILONS), true)),
      new Kind<>("lion", r -> new Lion(pick(r, LEARNING_RATES), pick(r, BETAS), pick(r, BETAS))));

  private static final double[] GROWTHS = {2, 0, 0.5, 30};
  private static final double[] GAINS = {0.5, 0, 3};
  private static final double[] BIASES = {0.06, 0, -0.5};
  private static final double[] LARGEST_RATES = {4, 1e-3, 1e300};

  /** Rules whose value to evaluate is another than the one that gradients are taken at. */
  private static final List<Kind<Rule>> AVERAGED = List.of(
      new Kind<>("schedulefree", r -> new ScheduleFree(pick(r, LEARNING_RATES), pick(r, BETAS), pick(r, BETAS),
          pick(r, EPSILONS), pick(r, List.of(ScheduleFree.Unit.values())))),
      new Kind<>("nlarsf", r -> new Nlarsf(pick(r, LEARNING_RATES), pick(r, BETAS), pick(r, BETAS), pick(r, EPSILONS),
          pick(r, GROWTHS), pick(r, GAINS), pick(r, BIASES), pick(r, LARGEST_RATES))),
      new Kind<>("nlarsf with its constants", r -> new Nlarsf(pick(r, LEARNING_RATES))));

  private static final List<Kind<Scaling>> SCALINGS = List.of(
      new Kind<>("global norm", r -> new Scaling.GlobalNorm(pick(r, BOUNDS))),
      new Kind<>("tensor norm", r -> new Scaling.TensorNorm(pick(r, BOUNDS))),
      new Kind<>("normalised", r -> new Scaling.Normalised(pick(r, BOUNDS), 1)),
      new Kind<>("normalised squared", r -> new Scaling.Normalised(pick(r, BOUNDS), 2)),
      new Kind<>("value", r -> new Scaling.Value(pick(r, BOUNDS))),
      new Kind<>("soft", r -> new Scaling.Soft(pick(r, BOUNDS))),
      new Kind<>("unscaled", r -> new Scaling.None()));

  private static final List<Kind<Noise>> NOISES = List.of(
      new Kind<>("no noise", r -> new Noise.None()),
      new Kind<>("frozen noise", r -> new Noise.Frozen(r.nextLong(), distribution(r))),
      new Kind<>("fresh noise", r -> new Noise.Fresh(r.nextLong(), distribution(r))));

  private static final List<Kind<Momentum>> MOMENTUMS = List.of(
      new Kind<>("no momentum", r -> new Momentum.None()),
      momentum("1/t", Momentum.Inverse::new),
      momentum("1/sqrt(t)", Momentum.InverseSqrt::new),
      momentum("constant", Momentum.Constant::new));

  private static final List<Kind<Double>> DECAYS = List.of(
      new Kind<>("", r -> 0.0),
      new Kind<>(", weight decay", r -> pick(r, WEIGHT_DECAYS)));

  /** Every so manyth case of storages is in the sample: prime to a storage's number of cases, so that all kinds are. */
  private static final int SAMPLED = 23;
  private static final int SAMPLED_AVERAGED = 5;
  private static final List<DType> WIDE = DType.arithmetics();

  private record Kind<T>(String name, Draw<T> draw) {}

  private interface Draw<T> {
    T from(SplittableRandom random);
  }

  private RandomCases() {}

  private static Noise.Distribution distribution(SplittableRandom random) {
    return pick(random, List.of(Noise.Distribution.values()));
  }

  private static Kind<Momentum> momentum(String name, DoubleFunction<Momentum> make) {
    return new Kind<>(name, r -> make.apply(pick(r, MOMENTA)));
  }

  private static double pick(SplittableRandom random, double[] from) {
    return from[random.nextInt(from.length)];
  }

  private static <T> T pick(SplittableRandom random, List<T> from) {
    return from.get(random.nextInt(from.size()));
  }

  /**
   * All cases whose element types the device knows; but of {@link #averaged} and {@link #storages}, whose kernels a device may have to compile one
   * by one, a sample over all of them.
   */
  public static List<BitCase> of(DeviceInfo device) {
    List<BitCase> cases = new ArrayList<>(everySetting());
    cases.addAll(everyLength());
    cases.addAll(groups());
    cases.addAll(updates());
    cases.addAll(every(SAMPLED_AVERAGED, averaged()));
    cases.addAll(every(SAMPLED, storages()));
    return cases.stream().filter(c -> device.types().containsAll(c.types())).toList();
  }

  /** The first of a list, and from it on every so manyth. */
  public static <T> List<T> every(int manyth, List<T> all) {
    return IntStream.range(0, all.size()).filter(i -> i % manyth == 0).mapToObj(all::get).toList();
  }

  /**
   * Every estimator × scaling × noise × momentum × weight decay × type, and every other rule × scaling × weight decay ×
   * type, on a few short tensors.
   */
  public static List<BitCase> everySetting() {
    List<BitCase> cases = new ArrayList<>();
    for (DType type : WIDE) {
      for (Kind<Estimator> estimator : ESTIMATORS) {
        for (Kind<Scaling> scaling : SCALINGS) {
          for (Kind<Noise> noise : NOISES) {
            for (Kind<Momentum> momentum : MOMENTUMS) {
              for (Kind<Double> decay : DECAYS) {
                long seed = cases.size();
                SplittableRandom random = new SplittableRandom(seed);
                StepConfig config = new StepConfig(scaling.draw.from(random), estimator.draw.from(random),
                    momentum.draw.from(random), noise.draw.from(random), decay.draw.from(random), NonFinite.AUTO);
                String name = String.join(", ", type.name(), estimator.name, scaling.name, noise.name, momentum.name)
                    + decay.name;
                cases.add(new BitCase(name, seed, List.of(new GroupSpec(config, type, shortTensors(random, "t"))), 4,
                    pick(random, List.of(Layout.values())), pick(random, List.of(Inputs.values())),
                    random.nextInt(3) == 0));
              }
            }
          }
        }
      }
    }
    for (DType type : WIDE) {
      for (Kind<Rule> rule : OTHER_RULES) {
        for (Kind<Scaling> scaling : SCALINGS) {
          for (Kind<Double> decay : DECAYS) {
            long seed = cases.size();
            SplittableRandom random = new SplittableRandom(seed);
            StepConfig config = plain(scaling.draw.from(random), rule.draw.from(random), decay.draw.from(random));
            cases.add(new BitCase(String.join(", ", type.name(), rule.name, scaling.name) + decay.name, seed,
                List.of(new GroupSpec(config, type, shortTensors(random, "t"))), 4,
                pick(random, List.of(Layout.values())), pick(random, List.of(Inputs.values())),
                random.nextInt(3) == 0));
          }
        }
      }
    }
    return cases;
  }

  /** A rule that takes neither momentum nor noise. */
  private static StepConfig plain(Scaling scaling, Rule rule, double weightDecay) {
    return new StepConfig(scaling, rule, new Momentum.None(), new Noise.None(), weightDecay, NonFinite.AUTO);
  }

  private static List<TensorSpec> shortTensors(SplittableRandom random, String prefix) {
    return IntStream.range(0, 3)
        .mapToObj(i -> {
          int[] lengths = i == 2 && random.nextInt(4) == 0 ? BLOCK_LENGTHS : SMALL_LENGTHS;
          return new TensorSpec(prefix + i, lengths[random.nextInt(lengths.length)]);
        })
        .toList();
  }

  /** Every length at which something changes, for every rule; beyond one Mi for the default settings. */
  public static List<BitCase> everyLength() {
    List<BitCase> cases = new ArrayList<>();
    for (DType type : WIDE) {
      for (int length : LENGTHS) {
        for (Kind<Estimator> estimator : ESTIMATORS) {
          SplittableRandom random = new SplittableRandom(cases.size());
          StepConfig config = configs(random, estimator);
          cases.add(new BitCase(type + ", " + estimator.name + ", length " + length, cases.size(),
              List.of(GroupSpec.of(config, type, new TensorSpec("weights", length))), 3,
              pick(random, List.of(Layout.values())), pick(random, List.of(Inputs.values())), false));
        }
        for (Kind<Rule> rule : OTHER_RULES) {
          SplittableRandom random = new SplittableRandom(cases.size());
          StepConfig config = plain(pick(random, SCALINGS).draw.from(random), rule.draw.from(random),
              pick(random, DECAYS).draw.from(random));
          cases.add(new BitCase(type + ", " + rule.name + ", length " + length, cases.size(),
              List.of(GroupSpec.of(config, type, new TensorSpec("weights", length))), 3,
              pick(random, List.of(Layout.values())), pick(random, List.of(Inputs.values())), false));
        }
      }
      cases.add(new BitCase(type + ", length " + THREE_LEVELS, cases.size(),
          List.of(GroupSpec.of(StepConfig.nlarcm(), type, new TensorSpec("weights", THREE_LEVELS))), 2, Layout.SLICED,
          Inputs.ORDINARY, false));
    }
    return cases;
  }

  /** The rules that average: × scaling × weight decay × type on short tensors, every length, and groups and many tensors. */
  public static List<BitCase> averaged() {
    List<BitCase> cases = new ArrayList<>();
    for (DType type : WIDE) {
      for (Kind<Rule> rule : AVERAGED) {
        for (Kind<Scaling> scaling : SCALINGS) {
          for (Kind<Double> decay : DECAYS) {
            SplittableRandom random = new SplittableRandom(cases.size());
            StepConfig config = plain(scaling.draw.from(random), rule.draw.from(random), decay.draw.from(random));
            cases.add(averaged(type + ", " + rule.name + ", " + scaling.name + decay.name, cases.size(), random,
                List.of(new GroupSpec(config, type, shortTensors(random, "t")))));
          }
        }
      }
      // Nlarsf with its constants differs by numbers alone.
      for (Kind<Rule> rule : AVERAGED.subList(0, 2)) {
        for (int length : LENGTHS) {
          SplittableRandom random = new SplittableRandom(cases.size());
          cases.add(averaged(type + ", " + rule.name + ", length " + length, cases.size(), random,
              List.of(GroupSpec.of(averaged(random, rule), type, new TensorSpec("weights", length)))));
        }
      }
      List<TensorSpec> many = IntStream.range(0, 1100)
          .mapToObj(i -> new TensorSpec("layer" + i + ".weight", i * 7 % 41, i % 3 == 0)).toList();
      cases.add(new BitCase(type + ", nlarsf, 1100 small tensors", cases.size(),
          List.of(new GroupSpec(StepConfig.nlarsf(), type, many)), 6, Layout.ALLOCATED, Inputs.ORDINARY, false));
    }
    // The second step learns from the first one's sums.
    cases.add(new BitCase("nlarsf, length " + THREE_LEVELS, cases.size(),
        List.of(GroupSpec.of(StepConfig.nlarsf(), DType.FLOAT32, new TensorSpec("weights", THREE_LEVELS))), 2,
        Layout.SLICED, Inputs.ORDINARY, false));
    for (int i = 0; i < 20; i++) {
      SplittableRandom random = new SplittableRandom(i);
      List<GroupSpec> groups = new ArrayList<>();
      for (int group = 0; group < 3; group++) {
        DType type = pick(random, WIDE);
        StepConfig config = group == 1 ? configs(random, pick(random, ESTIMATORS)) : averaged(random, pick(random, AVERAGED));
        groups.add(new GroupSpec(config, type, shortTensors(random, "group" + group + "/")));
      }
      cases.add(averaged("groups with averaged rules, " + i, i, random, groups));
    }
    return cases;
  }

  private static StepConfig averaged(SplittableRandom random, Kind<Rule> rule) {
    return plain(pick(random, SCALINGS).draw.from(random), rule.draw.from(random), pick(random, DECAYS).draw.from(random));
  }

  private static BitCase averaged(String name, long seed, SplittableRandom random, List<GroupSpec> groups) {
    return new BitCase(name, seed, groups, 6, pick(random, List.of(Layout.values())),
        random.nextBoolean() ? Inputs.ORDINARY : pick(random, List.of(Inputs.values())), random.nextInt(3) == 0);
  }

  private static StepConfig configs(SplittableRandom random, Kind<Estimator> estimator) {
    return new StepConfig(pick(random, SCALINGS).draw.from(random), estimator.draw.from(random),
        pick(random, MOMENTUMS).draw.from(random), pick(random, NOISES).draw.from(random),
        pick(random, DECAYS).draw.from(random), NonFinite.AUTO);
  }

  /** Every way to keep values, gradients and state narrower than they are computed, for every rule. */
  public static List<BitCase> storages() {
    List<BitCase> cases = new ArrayList<>();
    for (Kept kept : everyKept()) {
      for (Kind<Estimator> estimator : ESTIMATORS) {
        for (Kind<Noise> noise : NOISES) {
          for (Kind<Momentum> momentum : MOMENTUMS) {
            SplittableRandom random = new SplittableRandom(cases.size());
            StepConfig config = new StepConfig(pick(random, SCALINGS).draw.from(random), estimator.draw.from(random),
                momentum.draw.from(random), noise.draw.from(random), pick(random, DECAYS).draw.from(random),
                NonFinite.AUTO);
            cases.add(kept.run(String.join(", ", estimator.name, noise.name, momentum.name), config, random,
                shortTensors(random, "t"), cases.size()));
          }
        }
      }
      for (int i = 0; i < SCALINGS.size(); i++) {
        SplittableRandom random = new SplittableRandom(cases.size());
        Kind<Scaling> scaling = SCALINGS.get(i);
        Kind<Rule> rule = OTHER_RULES.get((cases.size() + i) % OTHER_RULES.size());
        StepConfig config =
            plain(scaling.draw.from(random), rule.draw.from(random), pick(random, DECAYS).draw.from(random));
        cases.add(kept.run(rule.name + ", " + scaling.name, config, random, shortTensors(random, "t"), cases.size()));
      }
      for (Kind<Rule> rule : AVERAGED) {
        for (Kind<Double> decay : DECAYS) {
          SplittableRandom random = new SplittableRandom(cases.size());
          Kind<Scaling> scaling = pick(random, SCALINGS);
          StepConfig config = plain(scaling.draw.from(random), rule.draw.from(random), decay.draw.from(random));
          cases.add(kept.run(rule.name + ", " + scaling.name + decay.name, config, random, shortTensors(random, "t"),
              cases.size()));
        }
      }
      cases.add(kept.run("nlarsf, global norm, sums over several blocks", StepConfig.nlarsf(),
          new SplittableRandom(cases.size()), List.of(new TensorSpec("a", 4001), new TensorSpec("b", 2500)), cases.size()));
      SplittableRandom random = new SplittableRandom(cases.size());
      cases.add(kept.run("long", configs(random, pick(random, ESTIMATORS)), random,
          List.of(new TensorSpec("a", 65_537), new TensorSpec("b", 4099)), cases.size()));
      cases.add(kept.run("many", StepConfig.nlarcm(), random, IntStream.range(0, 100)
          .mapToObj(i -> new TensorSpec("layer" + i + ".weight", i * 7 % 83, i % 3 == 0)).toList(), cases.size()));
    }
    return cases;
  }

  /** Types of values and gradients, and a precision. */
  private record Kept(DType value, DType gradient, Precision precision) {
    BitCase run(String name, StepConfig config, SplittableRandom random, List<TensorSpec> tensors, int number) {
      GroupSpec group =
          new GroupSpec(config.withPrecision(precision.withSeed(random.nextLong())), value, gradient, tensors);
      return new BitCase(String.join(", ", value + " values", gradient + " gradients", precision.state() + " state",
          precision.master() + " master", name), number, List.of(group), 4, pick(random, List.of(Layout.values())),
          pick(random, List.of(Inputs.values())), random.nextInt(3) == 0);
    }
  }

  private static List<Kept> everyKept() {
    List<DType> narrow = List.of(DType.FLOAT32, DType.BFLOAT16, DType.FLOAT16);
    List<Kept> every = new ArrayList<>();
    for (DType value : narrow) {
      for (DType gradient : narrow) {
        for (Precision.State state : Precision.State.values()) {
          every.add(new Kept(value, gradient, new Precision(state, Precision.Master.AUTO, 0)));
          if (value.equals(DType.BFLOAT16)) {
            every.add(new Kept(value, gradient, new Precision(state, Precision.Master.NONE, 0)));
          }
        }
      }
    }
    every.removeFirst(); // all of it FLOAT32
    return every;
  }

  /**
   * Steps over parts: every {@code every}th case of all settings, storages, averaged rules and updates, on tensors of which some are
   * long enough to be cut up. Of those with Nlarsf, whose workers have more to tell each other, five times as many.
   */
  public static List<BitCase> parts(int every) {
    List<BitCase> all = new ArrayList<>(everySetting());
    all.addAll(storages());
    all.addAll(averaged());
    all.addAll(updates());
    Predicate<BitCase> learns = run -> run.groups().stream().anyMatch(group -> group.config().rule() instanceof Nlarsf);
    List<BitCase> cases = parts(all.stream().filter(learns).toList(), every / 5);
    cases.addAll(parts(all.stream().filter(learns.negate()).toList(), every));
    return cases;
  }

  private static List<BitCase> parts(List<BitCase> all, int every) {
    List<BitCase> cases = new ArrayList<>();
    for (int i = every / 2; i < all.size(); i += every) {
      SplittableRandom random = new SplittableRandom(i);
      BitCase run = all.get(i);
      List<GroupSpec> groups = run.groups().stream().map(group -> new GroupSpec(group.config(), group.type(),
          group.gradient(), group.tensors().stream().limit(3).map(tensor -> new TensorSpec(tensor.name(),
              PART_LENGTHS[random.nextInt(PART_LENGTHS.length)], tensor.zeroGradient() || random.nextInt(4) == 0
                  && !tensor.written().overGradient(), tensor.written())).toList())).toList();
      cases.add(new BitCase(run.name(), run.seed(), groups, run.steps(), run.layout(), run.inputs(), run.randomState()));
    }
    return cases;
  }

  /** Updates instead of values, over gradients and beside them, for every rule and what it is compiled for. */
  public static List<BitCase> updates() {
    List<BitCase> cases = new ArrayList<>();
    List<Kind<Noise>> noises = List.of(NOISES.get(0), NOISES.get(1), NOISES.get(2), NOISES.get(0));
    List<Kind<Momentum>> momentums = List.of(MOMENTUMS.get(1), MOMENTUMS.get(0), MOMENTUMS.get(3), MOMENTUMS.get(0));
    for (DType type : WIDE) {
      for (Kind<Double> decay : DECAYS) {
        for (Kind<Estimator> estimator : ESTIMATORS) {
          for (int i = 0; i < noises.size(); i++) {
            SplittableRandom random = new SplittableRandom(cases.size());
            StepConfig config = new StepConfig(pick(random, SCALINGS).draw.from(random), estimator.draw.from(random),
                momentums.get(i).draw.from(random), noises.get(i).draw.from(random), decay.draw.from(random),
                NonFinite.AUTO);
            cases.add(updates(String.join(", ", type.name(), estimator.name, noises.get(i).name, momentums.get(i).name)
                + decay.name, config, type, random, cases.size()));
          }
        }
        for (Kind<Rule> rule : OTHER_RULES) {
          SplittableRandom random = new SplittableRandom(cases.size());
          cases.add(updates(type + ", " + rule.name + decay.name, plain(pick(random, SCALINGS).draw.from(random),
              rule.draw.from(random), decay.draw.from(random)), type, random, cases.size()));
        }
      }
      SplittableRandom random = new SplittableRandom(cases.size());
      List<TensorSpec> many = IntStream.range(0, 200)
          .mapToObj(i -> written("layer" + i + ".weight", i * 7 % 41, i % 5 == 0 ? Written.VALUE : any(random))).toList();
      cases.add(new BitCase(type + ", updates and values of small tensors", cases.size(),
          List.of(new GroupSpec(StepConfig.nlarcm(), type, many)), 3, pick(random, List.of(Layout.values())),
          Inputs.SPECIAL, false));
      cases.add(new BitCase(type + ", updates of long tensors", cases.size(), List.of(GroupSpec.of(StepConfig.nlarsm(), type,
          written("a", 65_537, Written.SUBTRACTED), written("b", 33_000, Written.ADDED_BESIDE))), 2,
          Layout.NATIVE, Inputs.ORDINARY, false));
    }
    return cases;
  }

  private static BitCase updates(String name, StepConfig config, DType type, SplittableRandom random, int number) {
    List<TensorSpec> tensors = new ArrayList<>();
    for (Written written : Written.values()) {
      int length = (random.nextInt(4) == 0 ? BLOCK_LENGTHS : SMALL_LENGTHS)[random.nextInt(BLOCK_LENGTHS.length)];
      tensors.add(written("t" + tensors.size(), length, written));
    }
    return new BitCase(name + ", updates", number, List.of(new GroupSpec(config, type, tensors)), 4,
        pick(random, List.of(Layout.values())), pick(random, List.of(Inputs.values())), random.nextInt(3) == 0);
  }

  private static Written any(SplittableRandom random) {
    return pick(random, List.of(Written.values()));
  }

  /** What is beside a gradient may have it zeroed. */
  private static TensorSpec written(String name, int length, Written written) {
    return new TensorSpec(name, length, written.beside(), written);
  }

  /** Many tensors, and groups of different settings and types in one step. */
  public static List<BitCase> groups() {
    List<BitCase> cases = new ArrayList<>();
    for (DType type : WIDE) {
      List<TensorSpec> many = IntStream.range(0, 700)
          .mapToObj(i -> new TensorSpec("layer" + i + ".weight", i * 7 % 41, i % 3 == 0))
          .toList();
      cases.add(new BitCase(type + ", 700 small tensors", cases.size(),
          List.of(new GroupSpec(StepConfig.nlarcm(), type, many)), 4, Layout.ALLOCATED, Inputs.SPECIAL, false));
    }
    for (int i = 0; i < 60; i++) {
      SplittableRandom random = new SplittableRandom(i);
      List<GroupSpec> groups = new ArrayList<>();
      for (int group = 0; group <= 1 + i % 4; group++) {
        DType type = i < 20 ? DType.FLOAT32 : i < 40 ? DType.FLOAT64 : pick(random, WIDE);
        groups.add(new GroupSpec(configs(random, pick(random, ESTIMATORS)), type,
            shortTensors(random, "group" + group + "/")));
      }
      if (i % 5 == 0) {
        groups.add(new GroupSpec(plain(pick(random, SCALINGS).draw.from(random),
            pick(random, OTHER_RULES).draw.from(random), pick(random, DECAYS).draw.from(random)),
            groups.getFirst().type(), shortTensors(random, "other/")));
      }
      cases.add(new BitCase("groups of different settings, " + i, i, groups, 5,
          pick(random, List.of(Layout.values())), pick(random, List.of(Inputs.values())), i % 3 == 0));
    }
    return cases;
  }
}
