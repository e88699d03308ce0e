package io.nlar.cpu;

import io.nlar.ClosedException;
import io.nlar.Control;
import io.nlar.DType;
import io.nlar.NonFinite;
import io.nlar.Slot;
import io.nlar.Step;
import io.nlar.spi.Binding;
import io.nlar.spi.EngineBuffer;
import io.nlar.spi.StepEngine;
import io.nlar.spi.StepPlan;
import io.nlar.spi.TensorPlan;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The step on the CPU. Every call is done when it returns. */
final class CpuEngine implements StepEngine {
  private final CpuDevice device;
  private final NativeMemory scalars;
  private final CpuBuffer control;
  private final CpuBuffer sums;
  private final StateMemory state;
  private final ReducePass reducePass;
  private final ApplyPass applyPass;
  private final Runnable reduceNow = this::reduceNow;
  private final Runnable applyNow = this::applyNow;
  private final long[] refusedTickets = new long[Step.REMEMBERED_TICKETS];
  private final int[] offenders = new int[Step.REMEMBERED_TICKETS];
  private StepPlan plan;
  private boolean reduction;
  private boolean failing;
  private List<Binding> bindings = List.of();
  private MemorySegment.Scope[] borrowed = {};
  private BoundTensor[] tensors = {};
  private ChunkTable table;
  private long ticket;
  private boolean refused;

  /** Allocates everything that the steps of {@code plan} need. */
  CpuEngine(CpuDevice device, StepPlan plan) {
    this.device = device;
    this.plan = plan;
    long controlBytes = (long) Control.LENGTH * Double.BYTES;
    long sumBytes = (plan.tensors().size() + 1L) * Double.BYTES;
    Cleanup cleanup = new Cleanup();
    try {
      scalars = cleanup.add(
          device.holdings().allocate(controlBytes + sumBytes, "the control block and the sums"),
          device.holdings()::free);
      control = new CpuBuffer(device, DType.FLOAT64, scalars.segment().asSlice(0, controlBytes), null, null);
      sums = new CpuBuffer(device, DType.FLOAT64, scalars.segment().asSlice(controlBytes, sumBytes), null, null);
      state = cleanup.add(new StateMemory(device, plan), StateMemory::close);
      reducePass = cleanup.add(new ReducePass(device, plan, sums.segment()), ReducePass::close);
      applyPass = new ApplyPass(device, plan, sums.segment());
      takeOver(plan);
    } catch (Throwable failure) {
      cleanup.close();
      throw failure;
    }
  }

  private void takeOver(StepPlan changed) {
    device.withStandardArithmetic(() -> applyPass.configure(changed));
    plan = changed;
    reduction = changed.reduction();
    failing = changed.policy() == NonFinite.FAIL;
  }

  @Override
  public void bind(List<Binding> changed) {
    BoundTensor[] bound = bound(plan, changed);
    ChunkTable chunks = new ChunkTable(bound, device.cut());
    borrowed = scopes(bound);
    tensors = bound;
    table = chunks;
    bindings = changed;
  }

  private BoundTensor[] bound(StepPlan plan, List<Binding> bindings) {
    BoundTensor[] bound = new BoundTensor[bindings.size()];
    for (TensorPlan tensor : plan.tensors()) {
      Binding binding = bindings.get(tensor.index());
      if (binding.gradient() != null && tensor.length() > 0) {
        bound[tensor.index()] =
            new BoundTensor(tensor, plan.groupOf(tensor), binding, slot -> state.address(tensor.index(), slot),
                device.vectorBits());
      }
    }
    return bound;
  }

  /** The lifetimes of all bound memory; arrays and our own memory share one that never ends. */
  private static MemorySegment.Scope[] scopes(BoundTensor[] bound) {
    Set<MemorySegment.Scope> scopes = new LinkedHashSet<>();
    for (BoundTensor tensor : bound) {
      if (tensor != null) {
        scopes.add(tensor.value().scope());
        scopes.add(tensor.gradient().scope());
      }
    }
    return scopes.toArray(MemorySegment.Scope[]::new);
  }

  @Override
  public void configure(StepPlan changed) {
    BoundTensor[] bound = bound(changed, bindings);
    ChunkTable chunks = new ChunkTable(bound, device.cut());
    takeOver(changed);
    tensors = bound;
    table = chunks;
  }

  @Override
  public void check() {
    for (MemorySegment.Scope scope : borrowed) {
      if (!scope.isAlive()) {
        throw new ClosedException("the arena of a parameter's value or gradient was closed; nothing was changed."
            + " Memory must outlive the steps that use it: rebind the parameter to other memory");
      }
    }
  }

  @Override
  public void reduce() {
    device.withStandardArithmetic(reduceNow);
  }

  private void reduceNow() {
    reducePass.reduce(table);
  }

  @Override
  public Outcome apply(long ticket, double gradientScale, double rateFactor) {
    set(Control.GRADIENT_SCALE, gradientScale);
    set(Control.RATE_FACTOR, rateFactor);
    return apply(ticket);
  }

  @Override
  public Outcome apply(long ticket) {
    this.ticket = ticket;
    device.withStandardArithmetic(applyNow);
    return refused ? Outcome.SKIPPED : Outcome.APPLIED;
  }

  private void applyNow() {
    double gradientScale = get(Control.GRADIENT_SCALE);
    double total = sums.segment().get(ValueLayout.JAVA_DOUBLE, 0);
    refused = reduction && !Double.isFinite(total);
    if (refused) {
      refuse();
    } else {
      long t = (long) get(Control.APPLIED) + 1;
      applyPass.apply(table, t, gradientScale, get(Control.RATE_FACTOR));
      set(Control.APPLIED, t);
    }
    set(Control.LAST_SKIPPED, refused ? 1 : 0);
    set(Control.NORM, reduction ? gradientScale * Math.sqrt(total) : Double.NaN);
    set(Control.COMPLETED, get(Control.COMPLETED) + 1);
  }

  private void refuse() {
    set(Control.SKIPPED, get(Control.SKIPPED) + 1);
    if (failing) {
      int place = (int) (ticket % Step.REMEMBERED_TICKETS);
      refusedTickets[place] = ticket;
      offenders[place] = offender();
      return;
    }
    for (BoundTensor tensor : tensors) {
      if (tensor != null) {
        tensor.zeroGradientIfAsked();
      }
    }
  }

  /** The first tensor whose sum of squares is not finite; the number of tensors where only the total is not. */
  private int offender() {
    int count = plan.tensors().size();
    for (int tensor = 0; tensor < count; tensor++) {
      if (!Double.isFinite(sums.segment().getAtIndex(ValueLayout.JAVA_DOUBLE, tensor + 1))) {
        return tensor;
      }
    }
    return count;
  }

  private double get(Control element) {
    return control.segment().getAtIndex(ValueLayout.JAVA_DOUBLE, element.ordinal());
  }

  private void set(Control element, double value) {
    control.segment().setAtIndex(ValueLayout.JAVA_DOUBLE, element.ordinal(), value);
  }

  @Override
  public int await(long ticket) {
    int place = (int) (ticket % Step.REMEMBERED_TICKETS);
    return refusedTickets[place] == ticket ? offenders[place] : -1;
  }

  @Override
  public EngineBuffer state(int index, Slot slot) {
    return state.buffer(index, slot);
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
  public void close() {
    tensors = new BoundTensor[0];
    table = null;
    bindings = List.of();
    control.close();
    sums.close();
    reducePass.close();
    state.close();
    device.holdings().free(scalars);
  }
}
