package io.nlar.bench.command;

import io.nlar.DType;
import io.nlar.DeviceInfo;
import io.nlar.Momentum;
import io.nlar.Noise;
import io.nlar.Precision;
import io.nlar.Scaling;
import io.nlar.StepConfig;
import io.nlar.bench.contest.BackwardAndStep;
import io.nlar.bench.contest.Entrant;
import io.nlar.bench.contest.Kind;
import io.nlar.bench.contest.NlarReduce;
import io.nlar.bench.contest.NlarStep;
import io.nlar.bench.contest.Placed;
import io.nlar.bench.contest.PlainFile;
import io.nlar.bench.contest.RaceSpec;
import io.nlar.bench.contest.RaceSpec.Subject;
import io.nlar.bench.contest.StateFile;
import io.nlar.bench.contest.Workload;
import io.nlar.bench.peer.Peer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/** Which races a benchmark consists of. */
public final class Programme {
  /** How much is compared. */
  public enum Extent {
    /** The main variants. */
    QUICK,
    /** More variants of the step. */
    STANDARD,
    /** Every estimator, momentum and scaling. */
    FULL
  }

  private static final long KI = 1 << 10;
  private static final long MI = 1 << 20;
  private static final long MANY_TENSORS_TOTAL = 8 * MI;
  private static final long THOUSAND_TENSORS_TOTAL = 1000 * 4 * KI;
  private static final long STATE_FILE_SIZE = 4 * MI;
  /** All arrays of a step lie in a core's own cache, and no second thread is woken. */
  private static final long CACHE_SIZE = 16 * KI;
  private static final List<DType> NARROW = List.of(DType.FLOAT32, DType.BFLOAT16, DType.FLOAT16);
  private static final String MAIN = "Nlarcm";
  private static final String SIMPLE = "Nlarsm";

  private final Extent extent;
  private final List<Peer> peers;
  private final int threads;

  /**
   * A programme.
   *
   * @param peers other optimizers to race against
   * @param threads threads of CPU contestants
   */
  public Programme(Extent extent, List<Peer> peers, int threads) {
    this.extent = extent;
    this.peers = List.copyOf(peers);
    this.threads = threads;
  }

  /** The sizes that are raced where none are asked for. */
  public List<Long> sizes() {
    return switch (extent) {
      case QUICK -> List.of(KI, MI, 16 * MI);
      case STANDARD -> List.of(KI, 64 * KI, MI, 32 * MI);
      case FULL -> List.of(KI, 4 * KI, 16 * KI, 64 * KI, 256 * KI, MI, 4 * MI, 16 * MI, 64 * MI, 256 * MI);
    };
  }

  /** The element types that are raced where none are asked for. */
  public List<DType> types() {
    return extent == Extent.QUICK ? List.of(DType.FLOAT32) : DType.arithmetics();
  }

  /**
   * All races on some devices, those that matter most first.
   *
   * @param types element types; a device that does not know one is left out there
   */
  public List<RaceSpec> races(List<DeviceInfo> devices, List<DType> types, List<Long> sizes) {
    List<RaceSpec> races = new ArrayList<>();
    long largest = sizes.stream().mapToLong(Long::longValue).max().orElse(0);
    each(devices, types, (device, type) ->
        sizes.forEach(size -> races.add(steps(new Workload(device, type, size, threads), peers(size == largest)))));
    if (extent != Extent.QUICK && types.contains(DType.FLOAT32)) {
      devices.stream().filter(device -> device.types().containsAll(NARROW)).forEach(device ->
          races.add(storages(new Workload(device, DType.FLOAT32, largest, threads))));
    }
    for (DType type : types) {
      List<DeviceInfo> able = devices.stream().filter(device -> device.types().contains(type)).toList();
      if (able.size() > 1) {
        deviceSizes(sizes).forEach(size -> races.add(devices(able, type, size)));
      }
    }
    each(devices, types, (device, type) -> {
      races.add(manyTensors(new Workload(device, type, Math.min(largest, MANY_TENSORS_TOTAL), threads)));
      if (largest >= THOUSAND_TENSORS_TOTAL) {
        races.add(thousandTensors(new Workload(device, type, THOUSAND_TENSORS_TOTAL, threads)));
      }
      if (extent != Extent.QUICK && device.backend().equals("cpu")) {
        races.add(inTheCache(new Workload(device, type, Math.min(largest, CACHE_SIZE), 1)));
        races.add(earlySums(new Workload(device, type, Math.min(largest, BackwardAndStep.NETWORK_SIZE), threads)));
      }
      races.add(stateFiles(new Workload(device, type, Math.min(largest, STATE_FILE_SIZE), threads)));
    });
    if (extent == Extent.FULL) {
      each(devices, types, (device, type) ->
          sizes.forEach(size -> races.addAll(settings(new Workload(device, type, size, threads)))));
    }
    return races;
  }

  private static void each(List<DeviceInfo> devices, List<DType> types, BiConsumer<DeviceInfo, DType> action) {
    for (DeviceInfo device : devices) {
      types.stream().filter(device.types()::contains).forEach(type -> action.accept(device, type));
    }
  }

  /** Where the quick benchmark has sizes of its own, devices are compared at those of the budgets. */
  private List<Long> deviceSizes(List<Long> sizes) {
    return extent == Extent.QUICK && sizes.equals(sizes()) ? List.of(MI, 32 * MI) : sizes;
  }

  /** The quick benchmark has them at the largest size only: starting one takes seconds. */
  private List<Peer> peers(boolean largest) {
    return extent != Extent.QUICK ? peers : largest ? peers.stream().filter(Peer::quick).toList() : List.of();
  }

  private RaceSpec steps(Workload workload, List<Peer> peers) {
    List<Entrant> yardsticks = yardsticks(workload);
    List<Entrant> entrants = new ArrayList<>(yardsticks.stream().filter(e -> e.kind() != Kind.STEP).toList());
    entrants.add(new NlarReduce());
    entrants.add(new NlarStep(MAIN, StepConfig.nlarcm()));
    entrants.add(new NlarStep(SIMPLE, StepConfig.nlarsm()));
    int essential = entrants.size();
    List<RaceSpec.Pair> pairs = new ArrayList<>();
    for (Entrant part : yardsticks.stream().filter(e -> e.kind() == Kind.PART).toList()) {
      pairs.add(new RaceSpec.Pair(MAIN, part.name()));
    }
    for (Peer peer : peers) {
      entrants.add(peer);
      pairs.add(new RaceSpec.Pair(MAIN, peer.name()));
    }
    entrants.add(new NlarStep("Nlarsm, stateless", StepConfig.nlarsm().withMomentum(new Momentum.None())));
    if (extent != Extent.QUICK) {
      entrants.add(new NlarStep("Nlarpm", StepConfig.nlarpm()));
      entrants.add(new NlarStep("Nlarbb", StepConfig.nlarbb()));
      entrants.add(new NlarStep("Nlarsf", StepConfig.nlarsf()));
      entrants.add(new NlarStep("Schedule-Free AdamW", StepConfig.scheduleFree()));
      entrants.add(new NlarStep("AdamW", StepConfig.adamw()));
      entrants.add(new NlarStep("Nlarcm, value scaling", StepConfig.nlarcm().withScaling(new Scaling.Value(1))));
      entrants.add(new NlarStep("Nlarcm, fresh noise", StepConfig.nlarcm().withNoise(new Noise.Fresh(1))));
      entrants.add(new NlarStep("Nlarcm, fresh noise only",
          StepConfig.nlarcm().withNoise(new Noise.Fresh(1)).withMomentum(new Momentum.None())));
    }
    for (Entrant unfused : yardsticks.stream().filter(e -> e.kind() == Kind.STEP).toList()) {
      entrants.add(unfused);
      pairs.add(new RaceSpec.Pair(SIMPLE, unfused.name()));
    }
    return new RaceSpec("one step, one tensor", Subject.STEPS, workload, entrants, essential, pairs);
  }

  /** One thread, no waiting for memory: what the compiler made of the kernels. */
  private RaceSpec inTheCache(Workload workload) {
    List<Entrant> entrants = new ArrayList<>(List.of(new NlarReduce(), new NlarStep(MAIN, StepConfig.nlarcm())));
    List<RaceSpec.Pair> pairs = new ArrayList<>();
    for (Entrant part : yardsticks(workload).stream().filter(e -> e.kind() == Kind.PART).toList()) {
      entrants.add(part);
      pairs.add(new RaceSpec.Pair(MAIN, part.name()));
    }
    return new RaceSpec("one step in the cache, one thread", Subject.CACHE, workload, entrants, entrants.size(), pairs);
  }

  /** The same step on numbers that are kept in 32 bits and in 16, beside others that can do so. */
  private RaceSpec storages(Workload workload) {
    StepConfig full = StepConfig.nlarcm();
    StepConfig compact = full.withPrecision(Precision.compact());
    StepConfig alone = full.withPrecision(Precision.compact().withMaster(Precision.Master.NONE));
    NlarStep base = new NlarStep("Nlarcm, float32", full);
    Entrant remainder = Placed.in(DType.BFLOAT16, "Nlarcm, bfloat16", new NlarStep(MAIN, compact));
    List<Entrant> modes = List.of(base, new NlarStep("Nlarcm, compact state", compact), remainder,
        Placed.in(DType.BFLOAT16, "Nlarcm, bfloat16 alone", new NlarStep(MAIN, alone)),
        Placed.in(DType.FLOAT16, "Nlarcm, float16", new NlarStep(MAIN, compact)));
    List<Entrant> entrants = rooflines(workload);
    entrants.addAll(modes);
    int essential = entrants.size();
    List<RaceSpec.Pair> pairs = new ArrayList<>();
    modes.subList(1, modes.size()).forEach(mode -> pairs.add(new RaceSpec.Pair(mode.name(), base.name())));
    for (Peer peer : peers) {
      entrants.add(peer);
      pairs.add(new RaceSpec.Pair(remainder.name(), peer.name()));
      if (peer.narrow()) {
        Entrant narrow = Placed.in(DType.BFLOAT16, peer.name() + ", bfloat16", peer);
        entrants.add(narrow);
        pairs.add(new RaceSpec.Pair(remainder.name(), narrow.name()));
      }
    }
    return new RaceSpec("the same step, kept in fewer bits", Subject.STORAGE, workload, entrants, essential, pairs);
  }

  /** The same step on each device, compared with the CPU; where that is not among them, with the first. */
  private RaceSpec devices(List<DeviceInfo> devices, DType type, long size) {
    DeviceInfo base = devices.stream().filter(device -> device.backend().equals("cpu")).findFirst()
        .orElse(devices.getFirst());
    NlarStep step = new NlarStep(MAIN, StepConfig.nlarcm());
    List<Entrant> entrants = new ArrayList<>();
    List<RaceSpec.Pair> pairs = new ArrayList<>();
    for (DeviceInfo device : devices) {
      Entrant entrant = Placed.on(device, step);
      entrants.add(entrant);
      if (!device.equals(base)) {
        pairs.add(new RaceSpec.Pair(entrant.name(), Placed.name(MAIN, base)));
      }
    }
    return new RaceSpec(MAIN + " on every device", Subject.DEVICES, new Workload(base, type, size, threads),
        entrants, entrants.size(), pairs);
  }

  /** One race for each estimator with and without momentum, over all scalings. */
  private List<RaceSpec> settings(Workload workload) {
    Map<String, StepConfig> estimators = new LinkedHashMap<>();
    estimators.put("Nlarsm", StepConfig.nlarsm());
    estimators.put("Nlarcm", StepConfig.nlarcm());
    estimators.put("Nlarpm", StepConfig.nlarpm());
    Map<String, Scaling> scalings = new LinkedHashMap<>();
    scalings.put("global norm", new Scaling.GlobalNorm(1));
    scalings.put("tensor norm", new Scaling.TensorNorm(1));
    scalings.put("normalised", new Scaling.Normalised(1, 1));
    scalings.put("normalised squared", new Scaling.Normalised(1, 2));
    scalings.put("value", new Scaling.Value(1));
    scalings.put("soft", new Scaling.Soft(1));
    scalings.put("none", new Scaling.None());
    List<RaceSpec> races = new ArrayList<>();
    estimators.forEach((name, config) -> {
      for (Momentum momentum : List.of(config.momentum(), new Momentum.None())) {
        List<Entrant> entrants = rooflines(workload);
        scalings.forEach((scaling, s) ->
            entrants.add(new NlarStep(scaling, config.withMomentum(momentum).withScaling(s))));
        races.add(new RaceSpec(
            name + (momentum.active() ? "" : " without momentum") + ", every scaling",
            Subject.SETTINGS, workload, entrants));
      }
    });
    return races;
  }

  private RaceSpec manyTensors(Workload workload) {
    List<Entrant> entrants = rooflines(workload);
    for (int tensors = 1; tensors <= 100_000; tensors *= 10) {
      if (tensors == 1 || tensors * KI / 16 <= workload.size()) {
        entrants.add(cut(tensors));
      }
    }
    return new RaceSpec("the same parameters in many tensors", Subject.TENSORS, workload, entrants);
  }

  /** Tensors of the usual size: what launches and the chunk table cost there. */
  private RaceSpec thousandTensors(Workload workload) {
    List<Entrant> entrants = rooflines(workload);
    NlarStep one = cut(1);
    NlarStep thousand = cut(1000);
    entrants.add(one);
    entrants.add(thousand);
    return new RaceSpec("1000 tensors of 4 Ki against one", Subject.TENSORS, workload, entrants, entrants.size(),
        List.of(new RaceSpec.Pair(thousand.name(), one.name())));
  }

  private static NlarStep cut(int tensors) {
    return new NlarStep(
        MAIN + ", " + tensors + (tensors == 1 ? " tensor" : " tensors"), StepConfig.nlarcm(), tensors);
  }

  /** Where time is short, what a shape of the roofline takes is better spent on more rounds. */
  private List<Entrant> yardsticks(Workload workload) {
    return Yardsticks.of(workload.device(), extent == Extent.QUICK);
  }

  private List<Entrant> rooflines(Workload workload) {
    return new ArrayList<>(yardsticks(workload).stream()
        .filter(entrant -> entrant.kind() == Kind.ROOFLINE)
        .toList());
  }

  private RaceSpec stateFiles(Workload workload) {
    Entrant save = new StateFile(false);
    Entrant restore = new StateFile(true);
    Entrant overwrite = new PlainFile(PlainFile.Way.OVERWRITE);
    Entrant replace = new PlainFile(PlainFile.Way.REPLACE);
    Entrant read = new PlainFile(PlainFile.Way.READ);
    List<Entrant> entrants = List.of(save, restore, overwrite, replace, read);
    return new RaceSpec("a step's state, saved and restored (in java.io.tmpdir)", Subject.STATE_FILES, workload, entrants,
        entrants.size(), List.of(new RaceSpec.Pair(save.name(), overwrite.name()),
            new RaceSpec.Pair(save.name(), replace.name()), new RaceSpec.Pair(restore.name(), read.name())));
  }

  /** Only the CPU takes sums early. */
  private RaceSpec earlySums(Workload workload) {
    Entrant early = new BackwardAndStep(true);
    Entrant late = new BackwardAndStep(false);
    return new RaceSpec("gradients written tensor by tensor, and the step", Subject.SUMS, workload, List.of(early, late), 2,
        List.of(new RaceSpec.Pair(early.name(), late.name())));
  }
}
