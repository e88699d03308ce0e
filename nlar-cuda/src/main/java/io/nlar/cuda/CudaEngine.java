package io.nlar.cuda;

import io.nlar.Control;
import io.nlar.DType;
import io.nlar.NonFinite;
import io.nlar.Slot;
import io.nlar.StepFailedException;
import io.nlar.spi.AbstractBuffer;
import io.nlar.spi.Binding;
import io.nlar.spi.GroupPlan;
import io.nlar.spi.StepEngine;
import io.nlar.spi.StepPlan;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A compiled step. Tables with everything the kernels need lie in device memory, written when buffers are bound; a run
 * is one reduction launch for each element type and one apply launch for each kernel variant, whatever the number of
 * tensors.
 */
final class CudaEngine implements StepEngine {

  /** A kernel with its arguments and how many thread blocks it takes for the tensors bound now. */
  private static final class Work {
    final StepArguments arguments;
    final Driver.Launch launch;
    int threadBlocks;
    int flags;

    Work(StepArguments arguments, Driver.Launch launch) {
      this.arguments = arguments;
      this.launch = launch;
    }
  }

  private final CudaDevice device;
  private final Driver driver;
  private final Arena arena = Arena.ofShared();
  /** How to give back what has been taken so far; the last first. */
  private final Deque<Runnable> releases = new ArrayDeque<>();
  private final SumTree tree;
  private final WorkArea area;
  private final StateSlots state;
  private final long base;
  private final CudaBuffer control;
  private final CudaBuffer sums;
  private final Refusals refusals;
  private final Driver.Marks marks;
  private final Map<DType, Work> reductions = new EnumMap<>(DType.class);
  private final Map<Variant, Work> updates = new LinkedHashMap<>();
  private StepPlan plan;
  private List<Binding> bindings;
  private Work[] reduceNow = {};
  private Work[] applyNow = {};
  /** Why nothing runs any more; null as long as all is well. */
  private Throwable broken;

  CudaEngine(CudaDevice device, StepPlan plan) {
    this.device = device;
    this.driver = device.driver();
    this.plan = plan;
    releases.push(arena::close);
    try {
      tree = new SumTree(plan);
      area = WorkArea.of(plan, tree);
      state = new StateSlots(device, plan);
      releases.push(state::close);
      base = device.zeroed(area.bytes(), "the tables of a step over " + plan.tensors().size() + " parameters");
      releases.push(() -> driver.free(base));
      refusals = new Refusals(driver);
      releases.push(refusals::close);
      marks = driver.marks();
      releases.push(marks::close);
      control = CudaBuffer.borrowed(device, DType.FLOAT64, Control.LENGTH, base + area.control());
      releases.push(control::close);
      sums = CudaBuffer.borrowed(device, DType.FLOAT64, 1L + plan.tensors().size(), base + area.sums());
      releases.push(sums::close);
      releases.push(driver::synchronize);
      prepare();
    } catch (Throwable failure) {
      close();
      throw failure;
    }
  }

  /** Loads every kernel that the groups can need. */
  private void prepare() {
    for (GroupPlan group : plan.groups()) {
      reductions.computeIfAbsent(group.type(), type ->
          work("square_sum", "nlar_square_sum_" + Variant.suffix(type), LaunchShape.SUM_THREADS));
      updates.computeIfAbsent(Variant.of(group), variant ->
          work(variant.module(), variant.kernel(), LaunchShape.APPLY_THREADS));
    }
  }

  private Work work(String module, String kernel, int threads) {
    StepArguments arguments = new StepArguments(arena, area, base, refusals.address(), plan.tensors().size());
    return new Work(arguments, driver.launch(module, kernel, threads, arguments.memory()));
  }

  @Override
  public void bind(List<Binding> bindings) {
    install(plan, bindings);
  }

  @Override
  public void configure(StepPlan plan) {
    install(plan, bindings);
  }

  private void install(StepPlan newPlan, List<Binding> newBindings) {
    ChunkTable table = new ChunkTable(newPlan, newBindings);
    try (Arena scratch = Arena.ofConfined()) {
      MemorySegment tables = scratch.allocate(area.bytes() - area.tables(), Long.BYTES);
      TensorTable.write(part(tables, area.tensors()), newPlan, newBindings, state, tree);
      GroupTable.write(part(tables, area.groups()), newPlan.groups());
      tree.write(part(tables, area.nodes()));
      table.write(part(tables, area.chunks()));
      driver.toDevice(base + area.tables(), tables);
    }
    plan = newPlan;
    bindings = newBindings;
    schedule(table);
  }

  private MemorySegment part(MemorySegment tables, long offset) {
    return tables.asSlice(offset - area.tables());
  }

  /** Lists the launches of a run. */
  private void schedule(ChunkTable table) {
    List<Work> reduce = new ArrayList<>();
    table.sums().forEach((type, range) -> reduce.add(on(reductions.get(type), range, 0)));
    List<Work> apply = new ArrayList<>();
    // From the end of the table to its beginning, as each kernel goes through its range: what was reduced last comes
    // first.
    table.updates().forEach((variant, range) -> apply.addFirst(
        on(updates.get(variant), range, LaunchShape.splitting(range.count()))));
    if (apply.isEmpty()) {
      // nothing to update, but the step is counted
      apply.add(on(updates.values().iterator().next(), new ChunkTable.Range(0, 0), 0));
    }
    int flags = (plan.reduction() ? StepArguments.REDUCED : 0)
        | (plan.policy() == NonFinite.FAIL ? StepArguments.REFUSES : 0);
    apply.forEach(work -> work.flags = flags);
    apply.getLast().flags |= StepArguments.FINISHES;
    reduceNow = reduce.toArray(Work[]::new);
    applyNow = apply.toArray(Work[]::new);
  }

  private Work on(Work work, ChunkTable.Range range, int splitting) {
    long chunks = base + area.chunks() + (long) range.first() * ChunkTable.ENTRY_BYTES;
    work.arguments.chunks(chunks, range.count(), splitting);
    work.threadBlocks = Math.max(1, range.count() << splitting);
    return work;
  }

  /** Whatever makes a launch fail is reported by the launch itself; this refuses what could only go wrong after it. */
  @Override
  public void check() {
    if (broken != null) {
      throw new StepFailedException("an earlier reduction was launched in part and could not be taken back ("
          + broken + "); compile a new step and restore values and state", broken);
    }
  }

  @Override
  public void reduce() {
    int launched = 0;
    try {
      for (Work work : reduceNow) {
        work.launch.run(work.threadBlocks);
        launched++;
      }
    } catch (Throwable failure) {
      // Of an error of the JVM nobody knows whether it came before or after the launch.
      if (launched > 0 || failure instanceof Error) {
        broken = failure;
        forgetArrivals(failure);
      }
      throw failure;
    }
  }

  /** A reduction launched in part leaves counters of arrivals in between, and the next one would end too early. */
  private void forgetArrivals(Throwable failure) {
    try {
      driver.zero(base + area.arrivals(), area.tensors() - area.arrivals());
      broken = null;
    } catch (Throwable second) {
      failure.addSuppressed(second);
    }
  }

  @Override
  public void apply(long ticket, double gradientScale, double rateFactor) {
    for (Work work : applyNow) {
      work.arguments.scalars(gradientScale, rateFactor);
      start(work, ticket, work.flags | StepArguments.SCALARS_GIVEN);
    }
    marks.set(ticket);
  }

  @Override
  public void apply(long ticket) {
    for (Work work : applyNow) {
      start(work, ticket, work.flags);
    }
    marks.set(ticket);
  }

  private static void start(Work work, long ticket, int flags) {
    work.arguments.ticket(ticket);
    work.arguments.flags(flags);
    work.launch.run(work.threadBlocks);
  }

  @Override
  public int await(long ticket) {
    marks.await(ticket);
    return refusals.offender(ticket);
  }

  @Override
  public boolean synchronous() {
    return false;
  }

  @Override
  public AbstractBuffer state(int index, Slot slot) {
    return state.buffer(index, slot);
  }

  @Override
  public AbstractBuffer sumsOfSquares() {
    return sums;
  }

  @Override
  public AbstractBuffer control() {
    return control;
  }

  /**
   * Gives back what was taken. A failure of the GPU is reported by the step's calls, not here: after it the driver
   * refuses to free anything, and the memory goes with the process.
   */
  @Override
  public void close() {
    while (!releases.isEmpty()) {
      try {
        releases.pop().run();
      } catch (RuntimeException failure) {
        System.getLogger(CudaEngine.class.getName()).log(System.Logger.Level.WARNING,
            "a step on " + device.info().selector() + " was not released: " + failure);
      }
    }
  }
}
