package io.nlar.spi.queue;

import io.nlar.BufferException;
import io.nlar.Control;
import io.nlar.DType;
import io.nlar.NonFinite;
import io.nlar.Slot;
import io.nlar.Step;
import io.nlar.StepFailedException;
import io.nlar.spi.Binding;
import io.nlar.spi.EngineBuffer;
import io.nlar.spi.HostMemory;
import io.nlar.spi.Releases;
import io.nlar.spi.RulePlan;
import io.nlar.spi.SlotPlan;
import io.nlar.spi.StepEngine;
import io.nlar.spi.StepPlan;
import io.nlar.spi.TensorPlan;
import io.nlar.spi.device.AbstractBuffer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A compiled step on a device with a queue. Tables with everything that the kernels need lie in its memory, written when
 * buffers are bound; a run is one reduction launch for each type of gradients and one update launch for each kernel variant,
 * whatever the number of tensors.
 */
final class QueueEngine implements StepEngine {

  /** The launches of a run, bound to buffers. */
  private static final class Launches {
    final Kernels.Reduction[] reductions;
    final Kernels.Update[] updates;
    /** Host memory that the step works on in place. */
    final MemorySegment[] hosts;
    /** Whether a step is to be done when it returns. */
    final boolean settled;
    final Releases releases = new Releases();

    Launches(Schedule schedule, Kernels kernels, StepMemory memory, List<QueueBinding> bindings) {
      reductions = new Kernels.Reduction[schedule.sums().size()];
      updates = new Kernels.Update[schedule.updates().size()];
      try {
        for (int i = 0; i < reductions.length; i++) {
          Schedule.Sums sums = schedule.sums().get(i);
          reductions[i] = releases.add(kernels.reduction(sums.gradient(), memory, sums.part()), Kernels.Reduction::close);
        }
        // From the end of the table to its beginning: what was reduced last comes first. But rules that keep numbers of
        // parameters, and behind them those that observe, come last: their kernels know what becomes of such numbers.
        List<Schedule.Apply> order = new ArrayList<>(schedule.updates().reversed());
        order.sort(Comparator.comparingInt(update -> update.variant().keeps()));
        for (int i = 0; i < updates.length; i++) {
          Schedule.Apply update = order.get(i);
          updates[i] = releases.add(kernels.update(update.variant(), memory, update.part()), Kernels.Update::close);
        }
      } catch (Throwable failure) {
        releases.releaseAfter(failure);
        throw failure;
      }
      List<DeviceMemory> all =
          bindings.stream().flatMap(QueueBinding::buffers).map(QueueBuffer::memory).toList();
      hosts = all.stream().map(DeviceMemory::host).filter(host -> host != null).toArray(MemorySegment[]::new);
      settled = all.stream().anyMatch(DeviceMemory::settled);
    }
  }

  private final QueueDevice device;
  private final Queue queue;
  private final Releases releases = new Releases();
  private final StateLayout state;
  private final StepMemory memory;
  private final SumTree tree;
  private final TableWriter tables;
  private final Queue.Marks marks;
  private final QueueBuffer control;
  private final QueueBuffer sums;
  /** What is kept of all tensors, and the views of its numbers that were asked for; null where nothing is kept. */
  private final QueueBuffer kept;
  private final EngineBuffer[] keptViews;
  private StepPlan plan;
  private List<QueueBinding> bindings;
  private Schedule schedule;
  private Launches launches;
  /** Opened by who first looks through it. */
  private Queue.Window controlWindow;
  private int flags;
  private boolean mayHaveRefused;
  /** Whether tables were written in part, when the device failed, and are to be written again as they were. */
  private boolean tablesUnknown;
  /** Why nothing runs any more; null as long as all is well. */
  private Throwable broken;

  QueueEngine(QueueDevice device, StepPlan plan) {
    this.device = device;
    this.queue = device.queue();
    this.plan = plan;
    try {
      tree = new SumTree(plan);
      state = new StateLayout(plan, queue.largestMemory());
      state.allocate(device, releases);
      memory = StepMemory.allocate(
          queue, plan, tree, Schedule.capacity(plan, device.kernels().chunk()), releases);
      marks = releases.add(queue.marks(), Queue.Marks::close);
      control = view(memory.control(), Control.LENGTH);
      sums = view(memory.sums(), 1L + plan.tensors().size());
      long numbers = plan.keepsOfParameters() ? (long) plan.tensors().size() * RulePlan.MOST_KEPT : 0;
      kept = numbers > 0 ? view(memory.kept(), numbers) : null;
      keptViews = new EngineBuffer[Math.toIntExact(numbers)];
      tables = new TableWriter(device, memory, state, tree);
      tables.settings(plan);
      plan.groups().forEach(group -> device.kernels().prepare(group.storage().gradient()));
      plan.tensors().stream().map(tensor -> Variant.of(plan.groupOf(tensor), tensor.updates())).distinct()
          .forEach(device.kernels()::prepare);
      queue.confirm();
      releases.add(() -> {
        if (launches != null) {
          launches.releases.release();
        }
      });
      releases.add(() -> {
        if (controlWindow != null) {
          controlWindow.close();
        }
      });
      releases.add(queue::synchronize);
    } catch (Throwable failure) {
      releases.releaseAfter(failure);
      throw failure;
    }
    followPolicy();
  }

  private QueueBuffer view(long offset, long length) {
    return releases.add(
        QueueBuffer.within(memory.memory(), device, DType.FLOAT64, length, offset), AbstractBuffer::close);
  }

  private void followPolicy() {
    flags = (plan.reduction() ? StepTables.REDUCED : 0)
        | (plan.policy() == NonFinite.FAIL ? StepTables.REFUSES : 0);
  }

  @Override
  public void bind(List<Binding> buffers) {
    List<QueueBinding> changed = QueueBinding.of(plan, buffers);
    if (launches != null && launches.settled) {
      // A reduction without an update may still read memory that its owner keeps no longer than it is bound.
      queue.synchronize();
    }
    changed.forEach(QueueEngine::checkWritable);
    changed.forEach(this::checkState);
    Schedule newSchedule = new Schedule(plan, changed, state, device.kernels());
    Launches newLaunches = new Launches(newSchedule, device.kernels(), memory, changed);
    try {
      tablesUnknown = true;
      tables.bindings(plan, changed, newSchedule);
    } catch (Throwable failure) {
      newLaunches.releases.releaseAfter(failure);
      throw failure;
    }
    Launches old = launches;
    schedule = newSchedule;
    launches = newLaunches;
    bindings = changed;
    tablesUnknown = false;
    if (old != null) {
      old.releases.release();
    }
  }

  /** One record of the tables is written anew; the launches know no gradient's address. */
  @Override
  public boolean moveGradient(int index, long address) {
    QueueBinding binding = bindings.get(index);
    QueueBuffer gradient = binding.gradient();
    if (tablesUnknown || !device.reaches(gradient.type(), gradient.length(), address)) {
      return false;
    }
    long before = gradient.place();
    gradient.moveTo(address);
    try {
      tables.binding(plan, binding, schedule);
    } catch (Throwable failure) {
      gradient.moveTo(before);
      tablesUnknown = true;
      throw failure;
    }
    return true;
  }

  private static void checkWritable(QueueBinding binding) {
    if (binding.gradient() != null) {
      String parameter = "of parameter '" + binding.tensor().name() + "'";
      binding.target().memory().checkWritable((binding.tensor().updates() ? "the update " : "the value ") + parameter);
      if (binding.zeroGradient()) {
        binding.gradient().memory().checkWritable("the gradient, which is to be zeroed, " + parameter);
      }
    }
  }

  private void checkState(QueueBinding binding) {
    for (QueueBuffer slot : binding.state()) {
      String what = "state of parameter '" + binding.tensor().name() + "'";
      int bytes = device.kernels().stateAlignment(slot.type());
      if (!slot.aligned(bytes)) {
        throw new BufferException(what + " begins between two boundaries of " + bytes + " bytes, where the kernels of "
            + device.info().selector() + " do not find it; lend memory that begins on one");
      }
      slot.memory().checkWritable("the " + what);
    }
  }

  @Override
  public void configure(StepPlan changed) {
    tablesUnknown = true;
    tables.settings(changed);
    tablesUnknown = false;
    plan = changed;
    followPolicy();
  }

  /** Whatever makes a launch fail is reported by the launch itself; this refuses what could only go wrong after it. */
  @Override
  public void check() {
    if (broken != null) {
      throw new StepFailedException("an earlier reduction was launched in part and could not be taken back ("
          + broken + "); compile a new step and restore values and state", broken);
    }
    for (MemorySegment host : launches.hosts) {
      HostMemory.checkAlive(host.scope());
    }
    if (tablesUnknown) {
      tables.settings(plan);
      tables.bindings(plan, bindings, schedule);
      tablesUnknown = false;
    }
  }

  @Override
  public void reduce() {
    int launched = 0;
    try {
      for (Kernels.Reduction reduction : launches.reductions) {
        reduction.run();
        launched++;
      }
      queue.submit();
    } catch (Throwable failure) {
      // Of an error of the JVM nobody knows whether it came before or after the launch.
      if (launched > 0 || failure instanceof Error) {
        broken = failure;
        forgetArrivals(failure);
      }
      throw failure;
    }
  }

  /** The sums of blocks are what the reduction leaves beside those of tensors: they are put in their places on the host. */
  @Override
  public void reduceBlocks(EngineBuffer blocks) {
    reduce();
    double[] sums = new double[Math.toIntExact(tree.values())];
    queue.read(memory.memory(), memory.sums(), MemorySegment.ofArray(sums));
    double[] placed = new double[Math.toIntExact(blocks.length())];
    blocks.copyTo(MemorySegment.ofArray(placed));
    long[] starts = plan.blockStarts();
    for (TensorPlan tensor : plan.tensors()) {
      int first = Math.toIntExact(starts[tensor.index()] + tensor.firstBlock());
      int own = Math.toIntExact(tensor.ownBlocks());
      if (bindings.get(tensor.index()).busy()) {
        System.arraycopy(sums, Math.toIntExact(tree.partials(tensor.index())), placed, first, own);
      } else {
        Arrays.fill(placed, first, first + own, 0);
      }
    }
    blocks.copyFrom(MemorySegment.ofArray(placed));
  }

  @Override
  public void products(double[] products) {
    int values = Math.toIntExact(tree.values());
    double[] sums = new double[StepTables.PRODUCTS * values];
    queue.read(memory.memory(), memory.products(), MemorySegment.ofArray(sums));
    long all = plan.blocks();
    long[] starts = plan.blockStarts();
    for (TensorPlan tensor : plan.tensors()) {
      if (plan.groupOf(tensor).rule().observes()) {
        for (int number = 0; number < StepTables.PRODUCTS; number++) {
          System.arraycopy(sums, Math.toIntExact(number * values + tree.partials(tensor.index())), products,
              Math.toIntExact(number * all + starts[tensor.index()] + tensor.firstBlock()), Math.toIntExact(tensor.ownBlocks()));
        }
      }
    }
  }

  @Override
  public EngineBuffer parameterNumbers() {
    return kept;
  }

  /** A reduction launched in part leaves counters of arrivals in between, and the next one would end too early. */
  private void forgetArrivals(Throwable failure) {
    try {
      queue.zero(memory.memory(), memory.arrivals(), memory.groups() - memory.arrivals());
      broken = null;
    } catch (Throwable second) {
      failure.addSuppressed(second);
    }
  }

  @Override
  public Outcome apply(long ticket, double gradientScale, double rateFactor) {
    return apply(ticket, gradientScale, rateFactor, flags | StepTables.SCALARS_GIVEN);
  }

  @Override
  public Outcome apply(long ticket) {
    return apply(ticket, 1, 1, flags);
  }

  private Outcome apply(long ticket, double gradientScale, double rateFactor, int stepFlags) {
    mayHaveRefused |= (stepFlags & StepTables.REFUSES) != 0;
    Kernels.Update[] updates = launches.updates;
    int last = updates.length - 1;
    for (int i = 0; i < last; i++) {
      updates[i].run(ticket, gradientScale, rateFactor, stepFlags);
    }
    updates[last].run(ticket, gradientScale, rateFactor, stepFlags | StepTables.FINISHES);
    marks.set(ticket);
    if (launches.settled) {
      // Only then could anybody see whether the step is done: all other memory is read through the queue.
      marks.await(ticket);
    } else {
      queue.submit();
    }
    return Outcome.ENQUEUED;
  }

  @Override
  public int await(long ticket) {
    marks.await(ticket);
    return mayHaveRefused ? offender(ticket) : -1;
  }

  private int offender(long ticket) {
    MemorySegment entry = MemorySegment.ofArray(new byte[StepTables.REFUSAL.bytes()]);
    queue.look(memory.refusals(), ticket % Step.REMEMBERED_TICKETS * StepTables.REFUSAL.bytes(), entry);
    return StepTables.TICKET.getLong(entry, 0) == ticket ? (int) StepTables.OFFENDER.getLong(entry, 0) : -1;
  }

  @Override
  public EngineBuffer state(int index, Slot slot) {
    TensorPlan tensor = plan.tensors().get(index);
    if (!slot.perParameter()) {
      return tensor.lentState() ? lent(bindings.get(index), slot) : state.view(tensor, slot);
    }
    int number = plan.groupOf(tensor).rule().parameterNumber(slot);
    if (number < 0) {
      return null;
    }
    int place = index * RulePlan.MOST_KEPT + number;
    if (keptViews[place] == null) {
      keptViews[place] = (EngineBuffer) kept.slice(place, 1);
    }
    return keptViews[place];
  }

  private QueueBuffer lent(QueueBinding binding, Slot slot) {
    List<SlotPlan> slots = plan.groupOf(binding.tensor()).slots();
    for (int i = 0; i < slots.size(); i++) {
      if (slots.get(i).slot() == slot) {
        return binding.state().get(i);
      }
    }
    return null;
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
    if (controlWindow == null) {
      controlWindow = queue.window(memory.memory(), memory.control(), (long) Control.LENGTH * Double.BYTES);
    }
    controlWindow.refresh();
    MemorySegment.copy(controlWindow.seen(), ValueLayout.JAVA_DOUBLE_UNALIGNED, 0, scalars, 0, Control.LENGTH);
  }

  @Override
  public void close() {
    releases.release();
  }
}
