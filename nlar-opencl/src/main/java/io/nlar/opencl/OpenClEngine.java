package io.nlar.opencl;

import io.nlar.ClosedException;
import io.nlar.NonFinite;
import io.nlar.Slot;
import io.nlar.spi.AbstractBuffer;
import io.nlar.spi.Binding;
import io.nlar.spi.StepEngine;
import io.nlar.spi.StepPlan;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** A compiled step on an OpenCL device. */
final class OpenClEngine implements StepEngine {
  private final OpenClDevice device;
  private final CommandQueue queue;
  private final StateArenas state;
  private final StepMemory memory;
  private StepPlan plan;
  private BoundStep bound;
  private int policyFlags;
  private boolean mayHaveRefused;
  private boolean arrivalsUnknown;
  private long enqueued;
  private long done;

  OpenClEngine(OpenClDevice device, StepPlan plan) {
    this.device = device;
    this.queue = device.queue();
    this.plan = plan;
    state = new StateArenas(plan, device.facts().largestBuffer());
    Resources allocated = new Resources();
    allocated.add(state::release);
    try {
      state.allocate(device);
      allocated.add((memory = new StepMemory(device, plan))::release);
      // Drivers that allocate late say now that they cannot.
      queue.finish();
    } catch (Throwable failure) {
      allocated.releaseAfter(failure);
      throw failure;
    }
    followPolicy();
  }

  private void followPolicy() {
    policyFlags = (plan.reduction() ? BoundStep.REDUCED : 0)
        | (plan.policy() == NonFinite.FAIL ? BoundStep.REFUSES : 0);
  }

  @Override
  public void bind(List<Binding> bindings) {
    if (bound != null && settlesAfter(bound)) {
      // A reduction without an update may still read memory that its owner keeps no longer than it is bound.
      queue.finish();
    }
    BoundStep changed = new BoundStep(device, plan, bindings, state, memory);
    if (bound != null) {
      bound.release();
    }
    bound = changed;
  }

  /** Whether updates of host memory are done when they return, for nobody else waits for this device's queue. */
  private boolean settlesAfter(BoundStep step) {
    return device.ownQueue() && step.hosts().length > 0;
  }

  @Override
  public void configure(StepPlan changed) {
    memory.configure(changed);
    plan = changed;
    followPolicy();
  }

  @Override
  public void check() {
    for (MemorySegment host : bound.hosts()) {
      if (!host.scope().isAlive()) {
        throw new ClosedException("the arena of host memory that a value or gradient of this step wraps was closed;"
            + " it must outlive the step, or other memory must be bound with rebind");
      }
    }
  }

  @Override
  public void reduce() {
    if (arrivalsUnknown) {
      memory.resetArrivals();
    }
    arrivalsUnknown = true;
    bound.enqueueReduce(queue);
    queue.flush();
    arrivalsUnknown = false;
  }

  @Override
  public void apply(long ticket, double gradientScale, double rateFactor) {
    enqueueApply(ticket, gradientScale, rateFactor, policyFlags | BoundStep.SCALARS_GIVEN);
  }

  @Override
  public void apply(long ticket) {
    enqueueApply(ticket, 1, 1, policyFlags);
  }

  private void enqueueApply(long ticket, double gradientScale, double rateFactor, int flags) {
    bound.enqueueApply(queue, ticket, gradientScale, rateFactor, flags);
    enqueued = ticket;
    mayHaveRefused |= (flags & BoundStep.REFUSES) != 0;
    if (settlesAfter(bound)) {
      // Only then could anybody see whether the step is done: all other memory is read through the queue.
      settle(ticket);
    } else {
      queue.flush();
    }
  }

  private void settle(long ticket) {
    if (done < ticket) {
      queue.finish();
      done = enqueued;
    }
  }

  @Override
  public int await(long ticket) {
    settle(ticket);
    return mayHaveRefused ? memory.offender(ticket) : -1;
  }

  @Override
  public boolean synchronous() {
    return false;
  }

  @Override
  public AbstractBuffer state(int index, Slot slot) {
    return state.view(plan.tensors().get(index), slot);
  }

  @Override
  public AbstractBuffer sumsOfSquares() {
    return memory.sums();
  }

  @Override
  public AbstractBuffer control() {
    return memory.control();
  }

  @Override
  public void close() {
    Resources all = new Resources();
    all.add(state::release);
    all.add(memory::release);
    if (bound != null) {
      all.add(bound::release);
    }
    all.add(queue::finish);
    all.release();
  }
}
