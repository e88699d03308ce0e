package io.nlar.cpu;

import io.nlar.BufferException;
import io.nlar.Control;
import io.nlar.NonFinite;
import io.nlar.Slot;
import io.nlar.Step;
import io.nlar.cpu.kernel.Memory;
import io.nlar.spi.Binding;
import io.nlar.spi.EngineBuffer;
import io.nlar.spi.HostMemory;
import io.nlar.spi.StandardArithmetic;
import io.nlar.spi.StepEngine;
import io.nlar.spi.StepPlan;
import io.nlar.spi.TensorPlan;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The step on the CPU. Every call is done when it returns.
 *
 * <p>Calls that compute run where arithmetic is Java's: on their own thread, or, where a library has changed that one's,
 * once more on another, at the cost of one object a call.
 */
final class CpuEngine implements StepEngine {
  private final CpuDevice device;
  private final Substitute substitute;
  private final StepMemory memory;
  private final MemorySegment sums;
  private final long[] refusedTickets = new long[Step.REMEMBERED_TICKETS];
  private final int[] offenders = new int[Step.REMEMBERED_TICKETS];
  private StepPlan plan;
  private boolean reduction;
  private boolean failing;
  /** They also keep memory reachable that was lent for as long as it is. */
  private List<Binding> bindings = List.of();
  private MemorySegment.Scope[] borrowed = {};
  private ReducePass reducePass;
  private ApplyPass applyPass;
  private boolean refused;

  /** Allocates everything that the steps of {@code plan} need. */
  CpuEngine(CpuDevice device, StepPlan plan) {
    this.device = device;
    this.substitute = device.substitute();
    this.plan = plan;
    this.memory = new StepMemory(device, plan);
    this.sums = memory.sums().segment();
  }

  @Override
  public void bind(List<Binding> changed) {
    changed.forEach(CpuEngine::checkState);
    MemorySegment.Scope[] scopes = scopes(changed);
    take(plan, changed);
    borrowed = scopes;
    bindings = changed;
  }

  @Override
  public boolean moveGradient(int index, long address) {
    ((CpuBuffer) bindings.get(index).gradient()).moveTo(address);
    if (reducePass != null) {
      reducePass.moveGradient(index, address);
    }
    applyPass.moveGradient(index, address);
    return true;
  }

  @Override
  public void configure(StepPlan changed) {
    take(changed, bindings);
  }

  private void take(StepPlan plan, List<Binding> bindings) {
    substitute.run(() -> {
      ReducePass reduce = plan.reduction() ? ReducePass.of(device, plan, bindings, memory) : null;
      ApplyPass apply = ApplyPass.of(device, plan, bindings, memory);
      this.plan = plan;
      reduction = plan.reduction();
      failing = plan.policy() == NonFinite.FAIL;
      reducePass = reduce;
      applyPass = apply;
    });
  }

  /** Kernels reach state by its address. */
  private static void checkState(Binding binding) {
    binding.state().forEach((slot, buffer) -> {
      if (!CpuBuffer.segment(buffer).isNative()) {
        throw new BufferException("the " + slot.label() + " of parameter '" + binding.tensor().name()
            + "' lies in a Java array; the CPU backend keeps state in native memory: allocate it, or wrap a native segment");
      }
    });
  }

  /** The lifetimes of all bound memory; arrays and our own memory share one that never ends. */
  private static MemorySegment.Scope[] scopes(List<Binding> bindings) {
    Set<MemorySegment.Scope> scopes = new LinkedHashSet<>();
    for (Binding binding : bindings) {
      if (binding.gradient() != null && binding.value().length() > 0) {
        binding.buffers().forEach(buffer -> scopes.add(CpuBuffer.segment(buffer).scope()));
      }
    }
    return scopes.toArray(MemorySegment.Scope[]::new);
  }

  @Override
  public void check() {
    for (MemorySegment.Scope scope : borrowed) {
      HostMemory.checkAlive(scope);
    }
  }

  @Override
  public void reduce() {
    if (!StandardArithmetic.isStandard()) {
      substitute.runElsewhere(this::reduce);
      return;
    }
    reducePass.begin();
    reducePass.over();
    reducePass.end();
  }

  @Override
  public void reduce(int index) {
    if (!StandardArithmetic.isStandard()) {
      substitute.runElsewhere(() -> reduce(index));
      return;
    }
    reducePass.reduce(index);
  }

  /** The pass is made anew each time: its gradients may have moved, and it costs less than what has to be exchanged then. */
  @Override
  public void reduceBlocks(EngineBuffer blocks) {
    if (!StandardArithmetic.isStandard()) {
      substitute.runElsewhere(() -> reduceBlocks(blocks));
      return;
    }
    BlockPass.of(device, plan, bindings, CpuBuffer.segment(blocks)).over();
  }

  @Override
  public void products(double[] products) {
    MemorySegment to = MemorySegment.ofArray(products);
    long all = plan.blocks();
    long[] starts = plan.blockStarts();
    for (TensorPlan tensor : plan.tensors()) {
      if (plan.groupOf(tensor).rule().observes()) {
        for (int number = 0; number < StepPlan.PRODUCTS; number++) {
          MemorySegment.copy(Memory.EVERYWHERE, memory.products(tensor.index(), number), to,
              (number * all + starts[tensor.index()] + tensor.firstBlock()) * Double.BYTES, tensor.ownBlocks() * Double.BYTES);
        }
      }
    }
  }

  @Override
  public EngineBuffer parameterNumbers() {
    return memory.numbers();
  }

  @Override
  public Outcome apply(long ticket) {
    return apply(ticket, memory.get(Control.GRADIENT_SCALE), memory.get(Control.RATE_FACTOR));
  }

  @Override
  public Outcome apply(long ticket, double gradientScale, double rateFactor) {
    if (!StandardArithmetic.isStandard()) {
      substitute.runElsewhere(() -> apply(ticket, gradientScale, rateFactor));
      return outcome();
    }
    memory.set(Control.GRADIENT_SCALE, gradientScale);
    memory.set(Control.RATE_FACTOR, rateFactor);
    double total = sums.get(ValueLayout.JAVA_DOUBLE, 0);
    refused = reduction && !Double.isFinite(total);
    if (refused) {
      refuse(ticket);
    } else {
      long t = (long) memory.get(Control.APPLIED) + 1;
      applyPass.derive(t, gradientScale, rateFactor);
      applyPass.over();
      applyPass.end(rateFactor, device.scratch(0).sums);
      memory.set(Control.APPLIED, t);
    }
    memory.set(Control.LAST_SKIPPED, refused ? 1 : 0);
    memory.set(Control.NORM, reduction ? gradientScale * Math.sqrt(total) : Double.NaN);
    memory.set(Control.COMPLETED, memory.get(Control.COMPLETED) + 1);
    return outcome();
  }

  private Outcome outcome() {
    return refused ? Outcome.SKIPPED : Outcome.APPLIED;
  }

  private void refuse(long ticket) {
    memory.set(Control.SKIPPED, memory.get(Control.SKIPPED) + 1);
    if (failing) {
      int place = (int) (ticket % Step.REMEMBERED_TICKETS);
      refusedTickets[place] = ticket;
      offenders[place] = offender();
    } else {
      applyPass.zero();
    }
  }

  /** The first tensor whose sum of squares is not finite; the number of tensors where only the total is not. */
  private int offender() {
    int count = plan.tensors().size();
    for (int tensor = 0; tensor < count; tensor++) {
      if (!Double.isFinite(sums.getAtIndex(ValueLayout.JAVA_DOUBLE, tensor + 1))) {
        return tensor;
      }
    }
    return count;
  }

  @Override
  public int await(long ticket) {
    int place = (int) (ticket % Step.REMEMBERED_TICKETS);
    return refusedTickets[place] == ticket ? offenders[place] : -1;
  }

  @Override
  public EngineBuffer state(int index, Slot slot) {
    return plan.tensors().get(index).lentState() ? bindings.get(index).state().get(slot) : memory.state(index, slot);
  }

  @Override
  public EngineBuffer sumsOfSquares() {
    return memory.sums();
  }

  @Override
  public EngineBuffer control() {
    return memory.control();
  }

  @Override
  public void peek(double[] scalars) {
    MemorySegment.copy(memory.control().segment(), ValueLayout.JAVA_DOUBLE, 0, scalars, 0, Control.LENGTH);
  }

  @Override
  public void close() {
    reducePass = null;
    applyPass = null;
    bindings = List.of();
    memory.close();
  }
}
