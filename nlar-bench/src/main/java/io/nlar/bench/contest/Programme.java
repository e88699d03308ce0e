package io.nlar.bench.contest;

import io.nlar.DType;
import io.nlar.DeviceInfo;
import io.nlar.Momentum;
import io.nlar.Noise;
import io.nlar.Scaling;
import io.nlar.StepConfig;
import io.nlar.bench.contest.RaceSpec.Subject;
import io.nlar.bench.peer.Peer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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
  private static final long STATE_FILE_SIZE = 4 * MI;

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
    return extent == Extent.QUICK ? List.of(DType.FLOAT32) : List.of(DType.values());
  }

  /** All races on a device. */
  public List<RaceSpec> races(DeviceInfo device, DType type, List<Long> sizes) {
    List<RaceSpec> races = new ArrayList<>();
    for (long size : sizes) {
      races.add(steps(new Workload(device, type, size, threads)));
    }
    if (extent == Extent.FULL) {
      sizes.forEach(size -> races.addAll(settings(new Workload(device, type, size, threads))));
    }
    long largest = sizes.stream().mapToLong(Long::longValue).max().orElse(0);
    races.add(manyTensors(new Workload(device, type, Math.min(largest, MANY_TENSORS_TOTAL), threads)));
    races.add(stateFiles(new Workload(device, type, Math.min(largest, STATE_FILE_SIZE), threads)));
    return races;
  }

  private RaceSpec steps(Workload workload) {
    List<Entrant> entrants = new ArrayList<>(Yardsticks.of(workload.device()));
    entrants.add(new NlarReduce());
    entrants.add(new NlarStep("Nlarcm", StepConfig.nlarcm()));
    entrants.add(new NlarStep("Nlarsm", StepConfig.nlarsm()));
    entrants.add(new NlarStep("Nlarsm, stateless", StepConfig.nlarsm().withMomentum(new Momentum.None())));
    if (extent != Extent.QUICK) {
      entrants.add(new NlarStep("Nlarpm", StepConfig.nlarpm()));
      entrants.add(new NlarStep("Nlarcm, value scaling", StepConfig.nlarcm().withScaling(new Scaling.Value(1))));
      entrants.add(new NlarStep("Nlarcm, fresh noise", StepConfig.nlarcm().withNoise(new Noise.Fresh(1))));
      entrants.add(new NlarStep("Nlarcm, fresh noise only",
          StepConfig.nlarcm().withNoise(new Noise.Fresh(1)).withMomentum(new Momentum.None())));
    }
    peers.stream().filter(peer -> extent != Extent.QUICK || peer.quick()).forEach(entrants::add);
    return new RaceSpec("one step, one tensor", Subject.STEPS, workload, entrants);
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
        List<Entrant> entrants = new ArrayList<>();
        Yardsticks.of(workload.device()).stream()
            .filter(entrant -> entrant.kind() == Kind.ROOFLINE)
            .forEach(entrants::add);
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
    List<Entrant> entrants = new ArrayList<>();
    Yardsticks.of(workload.device()).stream()
        .filter(entrant -> entrant.kind() == Kind.ROOFLINE)
        .forEach(entrants::add);
    for (int tensors = 1; tensors <= 100_000; tensors *= 10) {
      if (tensors == 1 || tensors * KI / 16 <= workload.size()) {
        entrants.add(new NlarStep(
            "Nlarcm, " + tensors + (tensors == 1 ? " tensor" : " tensors"), StepConfig.nlarcm(), tensors));
      }
    }
    return new RaceSpec("the same parameters in many tensors", Subject.TENSORS, workload, entrants);
  }

  private RaceSpec stateFiles(Workload workload) {
    return new RaceSpec("the state of a step, saved and restored (file folder: java.io.tmpdir)",
        Subject.STATE_FILES, workload, List.of(new StateFile(false), new StateFile(true)));
  }
}
