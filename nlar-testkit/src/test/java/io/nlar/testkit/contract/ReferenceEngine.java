package io.nlar.testkit.contract;

import io.nlar.Control;
import io.nlar.DType;
import io.nlar.Part;
import io.nlar.Slot;
import io.nlar.spi.Binding;
import io.nlar.spi.EngineBuffer;
import io.nlar.spi.GroupPlan;
import io.nlar.spi.RulePlan;
import io.nlar.spi.StepEngine;
import io.nlar.spi.StepPlan;
import io.nlar.spi.TensorPlan;
import io.nlar.testkit.GroupSpec;
import io.nlar.testkit.HostValues;
import io.nlar.testkit.ReferenceStep;
import io.nlar.testkit.ReferenceTensor;
import io.nlar.testkit.TensorSpec;
import io.nlar.testkit.Written;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A step of the {@link ReferenceDevice}: copies everything into a reference step, runs that, and copies it back. */
final class ReferenceEngine implements StepEngine {
  private final ReferenceDevice device;
  private final Sabotage sabotage;
  private final ReferenceStep reference;
  private final StepPlan plan;
  private final List<Map<Slot, ReferenceBuffer>> state = new ArrayList<>();
  private final ReferenceBuffer sums;
  private final ReferenceBuffer control;
  private final ReferenceBuffer numbers;
  private final Map<Long, Integer> refused = new HashMap<>();
  private List<Binding> bindings;

  ReferenceEngine(ReferenceDevice device, StepPlan plan, Sabotage sabotage) {
    this.device = device;
    this.sabotage = sabotage;
    this.reference = new ReferenceStep(groups(plan), plan.elements());
    this.plan = plan;
    numbers = buffer(DType.FLOAT64, plan.tensors().size() * RulePlan.MOST_KEPT);
    for (ReferenceTensor tensor : reference.tensors()) {
      Map<Slot, ReferenceBuffer> slots = new EnumMap<>(Slot.class);
      boolean lent = plan.tensors().get(state.size()).lentState();
      for (Slot slot : Slot.values()) {
        if (tensor.state(slot) != null && !lent) {
          slots.put(slot, slot.perParameter() ? number(plan, slot)
              : buffer(tensor.storage().type(slot), tensor.spec().length()));
        }
      }
      state.add(slots);
    }
    sums = buffer(DType.FLOAT64, 1 + plan.tensors().size());
    control = buffer(DType.FLOAT64, Control.LENGTH);
  }

  /** One of the next tensor's numbers. */
  private ReferenceBuffer number(StepPlan plan, Slot slot) {
    int tensor = state.size();
    int number = plan.groupOf(plan.tensors().get(tensor)).rule().parameterNumber(slot);
    return (ReferenceBuffer) numbers.slice(tensor * RulePlan.MOST_KEPT + number, 1);
  }

  private static List<GroupSpec> groups(StepPlan plan) {
    List<GroupSpec> groups = new ArrayList<>();
    for (int i = 0; i < plan.groups().size(); i++) {
      GroupPlan group = plan.groups().get(i);
      List<TensorSpec> tensors = new ArrayList<>();
      for (TensorPlan tensor : plan.tensors()) {
        if (tensor.group() == i) {
          tensors.add(new TensorSpec(
              tensor.name(), Math.toIntExact(tensor.length()), false, Written.VALUE,
              new Part(tensor.offset(), tensor.whole())));
        }
      }
      groups.add(new GroupSpec(group.config(), group.storage().value(), group.storage().gradient(), tensors));
    }
    return groups;
  }

  private ReferenceBuffer buffer(DType type, int length) {
    return new ReferenceBuffer(device, type, HostValues.segment(type, new double[length]), null);
  }

  @Override
  public void bind(List<Binding> bindings) {
    this.bindings = bindings;
    for (Binding binding : bindings) {
      binding.state().forEach((slot, buffer) -> state.get(binding.tensor().index()).put(slot, (ReferenceBuffer) buffer));
    }
  }

  @Override
  public void configure(StepPlan plan) {
    for (int i = 0; i < plan.groups().size(); i++) {
      reference.reconfigure(i, plan.groups().get(i).config());
    }
  }

  @Override
  public void check() {
    for (Binding binding : bindings) {
      binding.checkOpen();
    }
  }

  @Override
  public void reduce() {
    load();
    reference.reduce();
    sabotage.afterReduce(reference);
    sums.set(reference.sumsOfSquares());
  }

  @Override
  public void reduceBlocks(EngineBuffer blocks) {
    load();
    double[] all = ((ReferenceBuffer) blocks).values();
    long[] starts = plan.blockStarts();
    for (TensorPlan tensor : plan.tensors()) {
      double[] own = reference.tensors().get(tensor.index()).blockSums();
      System.arraycopy(own, 0, all, (int) (starts[tensor.index()] + tensor.firstBlock()), own.length);
    }
    ((ReferenceBuffer) blocks).set(all);
  }

  @Override
  public void products(double[] products) {
    long[] starts = plan.blockStarts();
    for (TensorPlan tensor : plan.tensors()) {
      double[][] own = reference.products(tensor.index());
      for (int number = 0; number < own.length && own[number] != null; number++) {
        System.arraycopy(own[number], 0, products,
            (int) (number * plan.blocks() + starts[tensor.index()] + tensor.firstBlock()), own[number].length);
      }
    }
  }

  @Override
  public EngineBuffer parameterNumbers() {
    return numbers;
  }

  @Override
  public Outcome apply(long ticket) {
    double[] block = control.values();
    return apply(ticket, block[Control.GRADIENT_SCALE.ordinal()], block[Control.RATE_FACTOR.ordinal()]);
  }

  @Override
  public Outcome apply(long ticket, double gradientScale, double rateFactor) {
    load();
    copy(sums, reference.sumsOfSquares());
    copy(control, reference.control());
    int offender = reference.apply(gradientScale, rateFactor);
    boolean skipped = offender >= 0 || reference.control()[Control.LAST_SKIPPED.ordinal()] != 0;
    if (offender >= 0) {
      refused.put(ticket, offender);
    }
    sabotage.afterApply(reference);
    store();
    return skipped ? Outcome.SKIPPED : Outcome.APPLIED;
  }

  private void load() {
    for (int i = 0; i < bindings.size(); i++) {
      Binding binding = bindings.get(i);
      ReferenceTensor tensor = reference.tensors().get(i);
      copy((ReferenceBuffer) binding.value(), tensor.value());
      tensor.bindGradient(binding.gradient() == null ? null : ((ReferenceBuffer) binding.gradient()).values(),
          binding.zeroGradient());
      if (binding.tensor().updates()) {
        tensor.write(binding.overGradient()
            ? binding.negated() ? Written.SUBTRACTED : Written.ADDED
            : binding.negated() ? Written.SUBTRACTED_BESIDE : Written.ADDED_BESIDE,
            binding.overGradient() ? null : ((ReferenceBuffer) binding.update()).values());
      }
      state.get(i).forEach((slot, buffer) -> copy(buffer, tensor.state(slot)));
    }
  }

  private static void copy(ReferenceBuffer from, double[] to) {
    System.arraycopy(from.values(), 0, to, 0, to.length);
  }

  private void store() {
    for (int i = 0; i < bindings.size(); i++) {
      Binding binding = bindings.get(i);
      ReferenceTensor tensor = reference.tensors().get(i);
      ((ReferenceBuffer) binding.value()).set(tensor.value());
      if (binding.update() != null) {
        ((ReferenceBuffer) binding.update()).set(tensor.update());
      }
      if (binding.gradient() != null && (binding.zeroGradient() || binding.overGradient())) {
        ((ReferenceBuffer) binding.gradient()).set(tensor.gradient());
      }
      state.get(i).forEach((slot, buffer) -> buffer.set(tensor.state(slot)));
    }
    control.set(reference.control());
  }

  @Override
  public int await(long ticket) {
    return refused.getOrDefault(ticket, -1);
  }

  @Override
  public EngineBuffer state(int index, Slot slot) {
    return state.get(index).get(slot);
  }

  @Override
  public EngineBuffer sumsOfSquares() {
    return sums;
  }

  @Override
  public EngineBuffer control() {
    return control;
  }

  @Override
  public void peek(double[] scalars) {
    copy(control, scalars);
  }

  @Override
  public void close() {
    for (int i = 0; i < state.size(); i++) {
      if (bindings == null || !bindings.get(i).tensor().lentState()) {
        state.get(i).values().forEach(ReferenceBuffer::close);
      }
    }
    numbers.close();
    sums.close();
    control.close();
  }
}
