package io.nlar.testkit;

import io.nlar.Control;
import io.nlar.Nlarsf;
import io.nlar.Noise;
import io.nlar.NonFinite;
import io.nlar.Scaling;
import io.nlar.Slot;
import io.nlar.StepConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The plain scalar reference step: docs/numerics.md written out one element at a time, to be read. It shares no formula
 * with the library, holds everything in arrays of {@code double} (numbers of the element type), and is the yardstick by
 * which every backend is measured: the same bits, NaN payloads aside.
 */
public final class ReferenceStep {
  private final List<StepConfig> configs = new ArrayList<>();
  private final List<ReferenceTensor> tensors = new ArrayList<>();
  private final double[] sums;
  private final long elements;
  /** Whether there is more of the tensors than this, so that what is learned of whole ones is left to others. */
  private final boolean parts;
  /** By tensors, what the last update left of their blocks: the sums of d·v, d·d and v·v. */
  private final double[][][] products;
  private final double[] control = new double[Control.LENGTH];

  /** A step over these groups; values and gradients are 0, the state has its start values. */
  public ReferenceStep(List<GroupSpec> groups) {
    this(groups, groups.stream().flatMap(group -> group.tensors().stream()).mapToLong(TensorSpec::length).sum());
  }

  /**
   * A step over these groups as part of one over more.
   *
   * @param elements N, the number of all elements
   */
  public ReferenceStep(List<GroupSpec> groups, long elements) {
    this.elements = elements;
    for (GroupSpec group : groups) {
      for (TensorSpec spec : group.tensors()) {
        ReferenceTensor tensor = new ReferenceTensor(spec, group.storage(), configs.size(), group.config());
        initialise(tensor, group.config());
        tensors.add(tensor);
      }
      configs.add(group.config());
    }
    sums = new double[1 + tensors.size()];
    parts = tensors.stream().map(ReferenceTensor::spec).anyMatch(spec -> spec.part() != null && spec.length() < spec.part().length());
    products = new double[tensors.size()][3][];
    set(Control.GRADIENT_SCALE, 1);
    set(Control.RATE_FACTOR, 1);
    set(Control.NORM, Double.NaN);
  }

  private static void initialise(ReferenceTensor tensor, StepConfig config) {
    Arithmetic arithmetic = Arithmetic.of(tensor.type());
    ReferenceRule rule = ReferenceRule.of(config, tensor.storage(), 1, 1, 1);
    rule.start(tensor);
    int number = 0;
    for (Slot slot : config.rule().slots(config)) {
      Arrays.fill(tensor.state(slot), tensor.storage().type(slot).round(rule.start(number++)));
    }
    if (config.noise() instanceof Noise.Frozen frozen) {
      ReferenceNoise noise = new ReferenceNoise(frozen, tensor.spec().name());
      Arrays.setAll(tensor.state(Slot.NOISE), i -> noise.epsilon(tensor.spec().offset() + i, 0, arithmetic));
    }
  }

  /** All parameters in order of registration. */
  public List<ReferenceTensor> tensors() {
    return List.copyOf(tensors);
  }

  /** A parameter by name. */
  public ReferenceTensor tensor(String name) {
    return tensors.stream()
        .filter(tensor -> tensor.spec().name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no tensor '" + name + "'"));
  }

  /** The sums of squares, live: the total, then one per tensor. */
  public double[] sumsOfSquares() {
    return sums;
  }

  /**
   * The sums of products of a tensor's blocks, d·v, d·d and v·v, that the last update left under a rule that learns from such; null
   * where there was none. Over parts nothing is learned of them here, and all that the rule keeps of parameters stays.
   */
  public double[][] products(int tensor) {
    return products[tensor];
  }

  /** The control block, live, indexed by {@link Control}. */
  public double[] control() {
    return control;
  }

  /** An element of the control block. */
  public double get(Control element) {
    return control[element.ordinal()];
  }

  private void set(Control element, double value) {
    control[element.ordinal()] = value;
  }

  /** Changes a group's settings; the state is kept. */
  public void reconfigure(int group, StepConfig config) {
    configs.set(group, config);
  }

  /** Makes the values the exact ones: what is kept beside narrow values is set anew from them. */
  public void takeValues() {
    tensors.forEach(ReferenceStorage::takeValue);
  }

  /** Learning rates γ = base + D in T; constant λ where nothing is estimated. */
  public double[] learningRates(String name) {
    ReferenceTensor tensor = tensor(name);
    StepConfig config = configs.get(tensor.group());
    ReferenceRule rule = ReferenceRule.of(config, tensor.storage(), 1, 1, 1);
    rule.begin(tensor);
    ReferenceStorage kept = new ReferenceStorage(tensor, List.copyOf(config.rule().slots(config)), null);
    double[] rates = new double[tensor.spec().length()];
    for (int i = 0; i < rates.length; i++) {
      load(kept, i, rule);
      rates[i] = rule.learningRate();
    }
    return rates;
  }

  /** A step with the scalars of the control block. */
  public int run() {
    return run(get(Control.GRADIENT_SCALE), get(Control.RATE_FACTOR));
  }

  /** A step: {@link #reduce}, then {@link #apply}. */
  public int run(double gradientScale, double rateFactor) {
    reduce();
    return apply(gradientScale, rateFactor);
  }

  /** The first pass; does nothing where neither a scaling nor a policy needs the sums. */
  public void reduce() {
    if (policy() == NonFinite.UNCHECKED) {
      return;
    }
    double[] perTensor = new double[tensors.size()];
    for (int i = 0; i < perTensor.length; i++) {
      double[] gradient = tensors.get(i).gradient();
      perTensor[i] = gradient == null ? 0 : ReferenceSum.ofSquares(gradient);
    }
    sums[0] = ReferenceSum.of(perTensor);
    System.arraycopy(perTensor, 0, sums, 1, perTensor.length);
  }

  /** The strictest policy among the groups; SKIP where it is left open and there is a norm. */
  private NonFinite policy() {
    NonFinite strictest = NonFinite.UNCHECKED;
    for (StepConfig config : configs) {
      if (config.nonFinite() == NonFinite.FAIL) {
        return NonFinite.FAIL;
      }
      if (config.nonFinite() == NonFinite.SKIP || config.scaling().needsReduction()) {
        strictest = NonFinite.SKIP;
      }
    }
    return strictest;
  }

  /**
   * The second pass, on what {@link #sumsOfSquares} holds.
   *
   * @return −1; or where the step was refused under {@link NonFinite#FAIL}, the first tensor whose sum is not finite
   *     (the number of tensors, where only the total is not)
   */
  public int apply(double gradientScale, double rateFactor) {
    NonFinite policy = policy();
    set(Control.GRADIENT_SCALE, gradientScale);
    set(Control.RATE_FACTOR, rateFactor);
    set(Control.NORM, policy == NonFinite.UNCHECKED ? Double.NaN : gradientScale * Math.sqrt(sums[0]));
    set(Control.COMPLETED, get(Control.COMPLETED) + 1);
    boolean refused = policy != NonFinite.UNCHECKED && !Double.isFinite(sums[0]);
    set(Control.LAST_SKIPPED, refused ? 1 : 0);
    if (refused) {
      set(Control.SKIPPED, get(Control.SKIPPED) + 1);
      if (policy == NonFinite.FAIL) {
        return offender();
      }
    } else {
      set(Control.APPLIED, get(Control.APPLIED) + 1);
      ReferenceInnovation innovation = new ReferenceInnovation(elements);
      for (int i = 0; i < tensors.size(); i++) {
        if (tensors.get(i).gradient() != null && tensors.get(i).spec().length() > 0) {
          update(i, sums[1 + i], gradientScale, rateFactor, innovation);
        }
      }
      if (!parts) {
        innovation.learn(tensors);
      }
    }
    for (ReferenceTensor tensor : tensors) {
      if (refused && tensor.written().updates() && tensor.gradient() != null) {
        Arrays.fill(tensor.update(), 0);
      }
      if (tensor.zeroGradient() && tensor.gradient() != null) {
        Arrays.fill(tensor.gradient(), 0);
      }
    }
    return -1;
  }

  private int offender() {
    for (int i = 0; i < tensors.size(); i++) {
      if (!Double.isFinite(sums[1 + i])) {
        return i;
      }
    }
    return tensors.size();
  }

  private void update(int number, double ownSum, double gradientScale, double rateFactor, ReferenceInnovation innovation) {
    ReferenceTensor tensor = tensors.get(number);
    StepConfig config = configs.get(tensor.group());
    Arithmetic arithmetic = Arithmetic.of(tensor.type());
    long t = (long) get(Control.APPLIED);
    ReferenceScalars scalars = new ReferenceScalars(config, arithmetic, gradientScale, rateFactor);
    double c = scalars.coefficient(config.scaling() instanceof Scaling.TensorNorm ? ownSum : sums[0]);
    ReferenceRule rule = ReferenceRule.of(config, tensor.storage(), t, rateFactor, elements);
    ReferenceStorage kept = new ReferenceStorage(tensor, List.copyOf(config.rule().slots(config)),
        new ReferenceRounding(config.precision().seed(), tensor.spec().name(), t));
    ReferenceNoise fresh = config.noise() instanceof Noise.Fresh noise
        ? new ReferenceNoise(noise, tensor.spec().name())
        : null;
    double[] frozen = tensor.state(Slot.NOISE);
    double[] directions = new double[tensor.spec().length()];
    double[] before = new double[directions.length];
    rule.begin(tensor);
    for (int i = 0; i < tensor.spec().length(); i++) {
      load(kept, i, rule);
      rule.theta = !tensor.written().updates() ? scalars.decayed(kept.value(i)) : scalars.onlyDecay(kept.value(i));
      double epsilon = fresh != null ? fresh.epsilon(tensor.spec().offset() + i, t, arithmetic) : frozen != null ? frozen[i] : 0;
      rule.update(scalars.scaled(tensor.gradient()[i], c), epsilon);
      if (!tensor.written().updates()) {
        kept.setValue(i, rule.theta);
      } else {
        tensor.update()[i] = tensor.written().negated() ? -rule.theta : rule.theta;
      }
      for (int slot = 0; slot < rule.state.length; slot++) {
        kept.setState(slot, i, rule.state[slot]);
      }
      if (rule instanceof ReferenceAveraged averaged) {
        directions[i] = averaged.direction;
        before[i] = averaged.before;
      }
    }
    innovation.observe(tensor, config, directions, before);
    boolean learns = config.rule() instanceof Nlarsf;
    if (learns) {
      products[number] = new double[][] {ReferenceSum.ofBlocks(directions, before), ReferenceSum.ofBlocks(directions),
          ReferenceSum.ofBlocks(before)};
    }
    if (!learns || !parts) {
      rule.end(tensor);
    }
  }

  private static void load(ReferenceStorage kept, int i, ReferenceRule rule) {
    for (int slot = 0; slot < rule.state.length; slot++) {
      rule.state[slot] = kept.state(slot, i);
    }
  }
}
