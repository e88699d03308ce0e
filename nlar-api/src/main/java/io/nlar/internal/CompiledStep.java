package io.nlar.internal;

import io.nlar.Buffer;
import io.nlar.BufferException;
import io.nlar.CallOrderException;
import io.nlar.ClosedException;
import io.nlar.Control;
import io.nlar.Device;
import io.nlar.DeviceException;
import io.nlar.NlarException;
import io.nlar.Noise;
import io.nlar.NonFiniteGradientException;
import io.nlar.Parameter;
import io.nlar.ParameterException;
import io.nlar.ParameterGroup;
import io.nlar.Part;
import io.nlar.Restore;
import io.nlar.SettingException;
import io.nlar.Slot;
import io.nlar.State;
import io.nlar.StateFileException;
import io.nlar.Step;
import io.nlar.StepConfig;
import io.nlar.StepFailedException;
import io.nlar.StepStats;
import io.nlar.spi.Binding;
import io.nlar.spi.EngineBuffer;
import io.nlar.spi.EngineDevice;
import io.nlar.spi.GroupPlan;
import io.nlar.spi.MemoryFault;
import io.nlar.spi.SlotPlan;
import io.nlar.spi.StepEngine;
import io.nlar.spi.StepPlan;
import io.nlar.spi.TensorPlan;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;

/** The step that users hold, above any backend's engine: checks, order of calls, tickets, lifetimes. */
public final class CompiledStep implements Step {
  private final EngineDevice device;
  private final ReentrantLock lock;
  /** Taken before the device's lock, so that of two saves the later one's file stays. */
  private final ReentrantLock saving = new ReentrantLock();
  private final StepEngine engine;
  private final Consumer<Step> onClose;
  private final Map<String, TensorPlan> byName = new HashMap<>();
  private final List<Binding> bindings = new ArrayList<>();
  private final ScalarCheck scalars;
  private final SkipWatch skips;
  private StepPlan plan;
  private final boolean partial;
  private boolean reduction;
  /** Whether the sums are those of this step's gradients, as a whole. */
  private boolean reduced;
  /** Made when it is first asked for. */
  private BlockSums blockSums;
  /** Null where rules learn in the update, or not at all. */
  private final PartLearning learning;
  private long ticket;
  private StepEngine.Outcome latest = StepEngine.Outcome.APPLIED;
  private long closedBuffersSeen;
  /** Buffers of gradients that are bound by their addresses; null where there are none. */
  private EngineBuffer[] movable;
  /** What a gradient must not overlap; null until it is asked for. */
  private WrittenMemory written;
  private boolean closed;
  /** While values are those to evaluate, the others; else null. */
  private Evaluation evaluation;
  private Throwable poison;

  private CompiledStep(EngineDevice device, StepPlan plan, StepEngine engine, Consumer<Step> onClose) {
    this.device = device;
    this.lock = device.lock();
    this.engine = engine;
    this.onClose = onClose;
    this.plan = plan;
    this.scalars = new ScalarCheck(plan);
    this.skips = new SkipWatch(engine, device.info().selector());
    this.reduction = plan.reduction();
    this.partial = plan.partial();
    this.learning = plan.learnsLater() ? new PartLearning(plan, engine) : null;
    plan.tensors().forEach(tensor -> byName.put(tensor.name(), tensor));
  }

  /** Checks everything, compiles, and sets the state to its start values. Called under the device's lock. */
  public static CompiledStep compile(EngineDevice device, List<ParameterGroup> groups,
      Function<StepPlan, StepEngine> newEngine, Consumer<Step> onClose) {
    StepPlan plan = PlanBuilder.plan(device.info(), groups);
    List<Parameter> parameters = groups.stream().flatMap(group -> group.parameters().stream()).toList();
    List<Binding> bindings = new ArrayList<>();
    for (TensorPlan tensor : plan.tensors()) {
      bindings.add(Bindings.of(device, plan, tensor, parameters.get(tensor.index())));
    }
    Bindings.checkOverlaps(plan, bindings);
    StepEngine engine = newEngine.apply(plan);
    try {
      CompiledStep step = new CompiledStep(device, plan, engine, onClose);
      step.bind(bindings);
      step.initialise(parameters);
      return step;
    } catch (Throwable failure) {
      try {
        engine.close();
      } catch (Throwable second) {
        failure.addSuppressed(second);
      }
      throw failure;
    }
  }

  private void bind(List<Binding> open) {
    engine.bind(List.copyOf(open));
    bindings.clear();
    bindings.addAll(open);
    closedBuffersSeen = device.closedBuffers();
    written = null;
    if (learning != null) {
      learning.bound(plan, bindings);
    }
  }

  private void initialise(List<Parameter> parameters) {
    HostBlock control = new HostBlock(engine.control());
    control.set(Control.GRADIENT_SCALE, 1);
    control.set(Control.RATE_FACTOR, 1);
    control.set(Control.NORM, Double.NaN);
    control.store();
    List<TensorPlan> begun = new ArrayList<>();
    for (TensorPlan tensor : plan.tensors()) {
      State state = parameters.get(tensor.index()).state();
      if (state == null || !state.resumed()) {
        start(tensor);
        begun.add(tensor);
      }
    }
    takeValuesOf(begun);
  }

  /** Sets a parameter's state to its start values. */
  private void start(TensorPlan tensor) {
    GroupPlan group = plan.groupOf(tensor);
    for (SlotPlan slot : group.allSlots()) {
      // Asked of the bits, and unrounded: this thread may take subnormal numbers for 0; the device rounds it.
      boolean zero = Double.doubleToRawLongBits(slot.start()) == 0;
      if ((tensor.lentState() || !zero) && slot.slot().length(tensor.length()) > 0) {
        engine.state(tensor.index(), slot.slot()).fill(slot.start());
      }
    }
    if (group.config().noise() instanceof Noise.Frozen) {
      FrozenNoise.draw(group, tensor, engine.state(tensor.index(), Slot.NOISE));
    }
  }

  private void takeValuesOf(List<TensorPlan> tensors) {
    for (TensorPlan tensor : tensors) {
      Masters.take(plan, engine, bindings.get(tensor.index()));
    }
  }

  @Override
  public void takeValues() {
    locked(() -> {
      checkTraining();
      checkOpen(bindings);
      settle();
      takeValuesOf(plan.tensors());
    });
  }

  @Override
  public void evaluate() {
    locked(() -> {
      if (evaluation != null) {
        return;
      }
      if (reduced) {
        throw new CallOrderException("a step is half done, its sums are taken: call apply() before evaluate()");
      }
      checkOpen(bindings);
      settle();
      Evaluation next = Evaluation.of(plan, engine, bindings);
      evaluation = next;
      exchange(next::enter);
    });
  }

  @Override
  public void train() {
    locked(() -> {
      if (evaluation != null) {
        checkOpen(bindings);
        exchange(evaluation::leave);
        evaluation = null;
      }
    });
  }

  @Override
  public boolean evaluating() {
    return device.exclusively(() -> {
      checkUsable();
      return evaluation != null;
    });
  }

  private void exchange(Runnable exchange) {
    try {
      exchange.run();
    } catch (Throwable failure) {
      poison = failure;
      throw new StepFailedException("values could not be exchanged with those to evaluate on " + device.info().selector()
          + " and are undefined: " + failure, failure);
    }
  }

  private void checkTraining() {
    if (evaluation != null) {
      throw new CallOrderException("the values are those to evaluate: call train() first");
    }
  }

  @Override
  public Device device() {
    return device;
  }

  @Override
  public List<String> parameters() {
    return plan.tensors().stream().map(TensorPlan::name).toList();
  }

  @Override
  public long run() {
    lock.lock();
    try {
      begin();
      checkUndivided();
      reduceIfNeeded();
      return launch();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public long run(double gradientScale, double rateFactor) {
    scalars.check(gradientScale, rateFactor);
    lock.lock();
    try {
      begin();
      checkUndivided();
      reduceIfNeeded();
      return launch(gradientScale, rateFactor);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void reduce() {
    lock.lock();
    try {
      begin();
      reduceIfNeeded();
      reduced = !partial;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void takeSums() {
    lock.lock();
    try {
      begin();
      reduced = true;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Buffer blockSums() {
    return device.exclusively(() -> {
      checkUsable();
      EngineBuffer whole = blocks().buffer();
      return whole.slice(0, whole.length());
    });
  }

  private BlockSums blocks() {
    if (blockSums == null) {
      blockSums = new BlockSums(device, plan);
    }
    return blockSums;
  }

  @Override
  public void reduceBlocks() {
    locked(() -> {
      begin();
      reduced = false;
      if (reduction || plan.observes()) {
        try {
          if (reduction) {
            blocks().reduce(engine);
          }
          blocks().leaveProducts(learning);
        } catch (Throwable failure) {
          throw notReduced(failure);
        }
      }
    });
  }

  @Override
  public void takeBlockSums() {
    locked(() -> {
      begin();
      boolean learns = learning != null && learning.prepare(blocks().products());
      if (reduction) {
        blocks().take(engine.sumsOfSquares());
      }
      learn(learns);
      reduced = true;
    });
  }

  @Override
  public void leaveBlockProducts() {
    locked(() -> {
      settle();
      if (plan.observes()) {
        blocks().forgetSquares();
        blocks().leaveProducts(learning);
      }
    });
  }

  @Override
  public void takeBlockProducts() {
    locked(() -> {
      settle();
      learn(learning != null && learning.prepare(blocks().products()));
    });
  }

  private void learn(boolean learns) {
    if (learning != null) {
      try {
        learning.commit(learns);
      } catch (Throwable failure) {
        poison = failure;
        throw updateFailed(failure);
      }
    }
  }

  @Override
  public void reduce(int index) {
    lock.lock();
    try {
      begin();
      checkIndex(index);
      reduced = false;
      if (reduction) {
        try {
          engine.reduce(index);
        } catch (Throwable failure) {
          throw notReduced(failure);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public long apply(double gradientScale, double rateFactor) {
    scalars.check(gradientScale, rateFactor);
    lock.lock();
    try {
      begin();
      checkReduced();
      return launch(gradientScale, rateFactor);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public long apply() {
    lock.lock();
    try {
      begin();
      checkReduced();
      return launch();
    } finally {
      lock.unlock();
    }
  }

  /** Everything that can refuse a run before anything has changed. */
  private void begin() {
    checkUsable();
    checkTraining();
    if (closedBuffersSeen != device.closedBuffers()) {
      checkOpen(bindings);
      closedBuffersSeen = device.closedBuffers();
    }
    engine.check();
  }

  private static void checkOpen(List<Binding> bindings) {
    bindings.forEach(Binding::checkOpen);
  }

  private void checkUsable() {
    if (closed) {
      throw new ClosedException("the step was closed");
    }
    if (poison != null) {
      throw new StepFailedException("an earlier call failed half-way, so values and state are undefined: "
          + poison + "; compile a new step and restore values and state", poison);
    }
  }

  private void reduceIfNeeded() {
    reduced = false;
    if (reduction) {
      try {
        engine.reduce();
      } catch (Throwable failure) {
        throw notReduced(failure);
      }
    }
  }

  private NlarException notReduced(Throwable failure) {
    return failure instanceof NlarException known ? known
        : new DeviceException("the sums of squares could not be formed on " + device.info().selector()
            + ", nothing was changed: " + MemoryFault.describe(failure), failure);
  }

  private void checkIndex(int index) {
    if (index < 0 || index >= bindings.size()) {
      throw new ParameterException("no parameter " + index + "; the step has parameters 0 to " + (bindings.size() - 1));
    }
  }

  private void checkUndivided() {
    if (partial && reduction) {
      throw new CallOrderException("the step has parts of tensors, whose norm it cannot form alone: call reduceBlocks(),"
          + " exchange blockSums() with the other workers, then takeBlockSums() and apply()");
    }
    checkLearned();
  }

  private void checkLearned() {
    if (learning != null && !learning.taken()) {
      throw new CallOrderException("a rule of the step learns from sums over whole tensors, and the step has parts: exchange blockSums()"
          + " with the other workers and call takeBlockSums(), or takeBlockProducts(), before each update");
    }
  }

  private void checkReduced() {
    if (reduction && !reduced) {
      if (partial) {
        throw new CallOrderException("apply needs the sums of whole tensors, and the step has parts: call reduceBlocks(), exchange"
            + " blockSums() with the other workers, then takeBlockSums(); or takeSums() where they are known");
      }
      throw new CallOrderException("apply needs the sums of this step's gradients: call reduce() before it, or run(); or"
          + " takeSums() where they are known");
    }
    checkLearned();
  }

  private long launch(double gradientScale, double rateFactor) {
    reduced = false;
    long mine = ++ticket;
    try {
      latest = engine.apply(mine, gradientScale, rateFactor);
      if (learning != null) {
        learning.launched(plan, rateFactor);
      }
    } catch (Throwable failure) {
      poison = failure; // at once: all else may fail too
      throw updateFailed(failure);
    }
    watch();
    return mine;
  }

  private long launch() {
    double rateFactor = learning == null ? 1 : learning.rateFactor();
    reduced = false;
    long mine = ++ticket;
    try {
      latest = engine.apply(mine);
      if (learning != null) {
        learning.launched(plan, rateFactor);
      }
    } catch (Throwable failure) {
      poison = failure; // at once: all else may fail too
      throw updateFailed(failure);
    }
    watch();
    return mine;
  }

  private void watch() {
    if (reduction && latest != StepEngine.Outcome.ENQUEUED) {
      skips.ran(latest, plan);
    }
  }

  private StepFailedException updateFailed(Throwable failure) {
    return new StepFailedException("the update failed on " + device.info().selector()
        + ", values and state are undefined: " + MemoryFault.describe(failure), failure);
  }

  private StepFailedException restoreFailed(Object source, Throwable failure) {
    return new StepFailedException("restoring from " + source + " failed half-way on " + device.info().selector()
        + "; the values are as before, the state is undefined: " + failure
        + "; compile a new step and restore again", failure);
  }

  @Override
  public void await(long ticket) {
    lock.lock();
    try {
      checkUsable();
      if (ticket < 1 || ticket > this.ticket) {
        throw new CallOrderException("no ticket " + ticket + "; the last run's is " + this.ticket);
      }
      int offender = settle(ticket);
      if (reduction && latest == StepEngine.Outcome.ENQUEUED && ticket == this.ticket) {
        skips.waited(ticket, plan);
      }
      if (offender >= 0) {
        throw new NonFiniteGradientException(
            "step " + ticket + " was refused and nothing changed: " + Refusal.reason(plan, offender));
      }
    } finally {
      lock.unlock();
    }
  }

  private int settle(long ticket) {
    try {
      return engine.await(ticket);
    } catch (CallOrderException wrongTime) {
      throw wrongTime; // the engine refused to wait and did nothing
    } catch (Throwable failure) {
      poison = failure;
      throw updateFailed(failure);
    }
  }

  /** Waits for the last run, so that state and control block can be read on the host. */
  private void settle() {
    if (latest == StepEngine.Outcome.ENQUEUED) {
      settle(ticket);
    }
  }

  private void locked(Runnable action) {
    device.exclusively(() -> {
      checkUsable();
      action.run();
    });
  }

  @Override
  public Buffer sumsOfSquares() {
    return view(engine.sumsOfSquares());
  }

  @Override
  public Buffer control() {
    return view(engine.control());
  }

  @Override
  public void peek(double[] scalars) {
    if (Objects.requireNonNull(scalars, "scalars").length != Control.LENGTH) {
      throw new BufferException("the control block has " + Control.LENGTH + " scalars; an array of " + scalars.length
          + " cannot take it: give new double[Control.LENGTH]");
    }
    lock.lock();
    try {
      checkUsable();
      engine.peek(scalars);
    } finally {
      lock.unlock();
    }
  }

  private Buffer view(EngineBuffer whole) {
    return device.exclusively(() -> {
      checkUsable();
      return whole.slice(0, whole.length());
    });
  }

  @Override
  public Buffer state(String parameter, Slot slot) {
    return device.exclusively(() -> {
      checkUsable();
      TensorPlan tensor = tensor(parameter);
      EngineBuffer whole = engine.state(tensor.index(), slot);
      if (whole == null) {
        throw new ParameterException("parameter '" + parameter + "' keeps no " + slot.label() + "; it keeps "
            + slots(plan.groupOf(tensor)));
      }
      return whole.slice(0, whole.length());
    });
  }

  private static List<Slot> slots(GroupPlan group) {
    return group.allSlots().stream().map(SlotPlan::slot).toList();
  }

  private TensorPlan tensor(String parameter) {
    TensorPlan tensor = byName.get(parameter);
    if (tensor == null) {
      throw new ParameterException("this step has no parameter '" + parameter + "'");
    }
    return tensor;
  }

  @Override
  public void rebind(List<Parameter> parameters) {
    Objects.requireNonNull(parameters, "parameters");
    locked(() -> {
      checkTraining();
      List<Binding> changed = new ArrayList<>(bindings);
      Set<String> named = new HashSet<>();
      List<TensorPlan> begun = new ArrayList<>();
      for (Parameter parameter : parameters) {
        TensorPlan tensor = tensor(parameter.name());
        if (!named.add(parameter.name())) {
          throw new ParameterException("parameter '" + parameter.name() + "' is named twice; bind it once");
        }
        changed.set(tensor.index(), rebound(tensor, parameter));
        if (parameter.state() != null && !parameter.state().resumed()) {
          begun.add(tensor);
        }
      }
      checkOpen(changed);
      Bindings.checkOverlaps(plan, changed);
      settle();
      bind(changed);
      reduced = false;
      startLent(begun);
    });
  }

  /** Sets state that was lent to its start values. */
  private void startLent(List<TensorPlan> begun) {
    try {
      begun.forEach(this::start);
      takeValuesOf(begun);
    } catch (Throwable failure) {
      poison = failure;
      throw failure;
    }
  }

  @Override
  public void bindGradient(int index, long address) {
    lock.lock();
    try {
      checkUsable();
      checkIndex(index);
      Binding binding = bindings.get(index);
      if (!binding.movable() || !moved(binding, address)) {
        bindMovable(binding, address);
      }
      reduced = false;
    } finally {
      lock.unlock();
    }
  }

  private boolean moved(Binding binding, long address) {
    EngineBuffer gradient = binding.gradient();
    Addresses.check(gradient.type(), gradient.length(), address);
    if (written == null) {
      written = new WrittenMemory(bindings, gradient.extent().root());
    }
    written.check(binding.tensor().name(), address, gradient.byteSize());
    return engine.moveGradient(binding.tensor().index(), address);
  }

  private void bindMovable(Binding before, long address) {
    TensorPlan tensor = before.tensor();
    EngineBuffer gradient =
        (EngineBuffer) device.wrap(plan.groupOf(tensor).storage().gradient(), tensor.length(), address);
    try {
      List<Binding> changed = new ArrayList<>(bindings);
      changed.set(tensor.index(), before.withMovable(gradient));
      checkOpen(changed);
      Bindings.checkOverlaps(plan, changed);
      settle();
      bind(changed);
    } catch (Throwable refused) {
      gradient.close();
      throw refused;
    }
    if (movable == null) {
      movable = new EngineBuffer[bindings.size()];
    }
    if (movable[tensor.index()] != null) {
      movable[tensor.index()].close();
    }
    movable[tensor.index()] = gradient;
  }

  private Binding rebound(TensorPlan tensor, Parameter parameter) {
    if (parameter.state() != null && !tensor.lentState()) {
      throw new ParameterException("the state of parameter '" + tensor.name() + "' is the step's own, since none was given"
          + " when it was compiled; give it then, or copy to step.state(...)");
    }
    if (parameter.update() != null != tensor.updates()) {
      throw new ParameterException("parameter '" + tensor.name() + "' was compiled for " + (tensor.updates() ? "its update"
          : "its new value") + ", and bound for the other; bind it as it was, or compile a step of its own");
    }
    Part part = parameter.part();
    if (part == null ? tensor.partial() : part.offset() != tensor.offset() || part.length() != tensor.whole()) {
      throw new ParameterException("parameter '" + tensor.name() + "' was compiled as the part from element " + tensor.offset()
          + " on of " + tensor.whole() + ", and is bound as " + (part == null ? "a whole" : part)
          + "; bind the same part, or compile a step of its own");
    }
    Binding binding = Bindings.of(device, plan, tensor, parameter);
    return parameter.state() == null ? binding.withState(bindings.get(tensor.index()).state()) : binding;
  }

  @Override
  public int groups() {
    return plan.groups().size();
  }

  @Override
  public StepConfig config(int group) {
    return device.exclusively(() -> {
      checkGroup(group);
      return plan.groups().get(group).config();
    });
  }

  @Override
  public void reconfigure(int group, StepConfig config) {
    Objects.requireNonNull(config, "config");
    locked(() -> {
      checkGroup(group);
      GroupPlan before = plan.groups().get(group);
      if (before.config().rule().getClass() != config.rule().getClass()
          || !before.config().slots().equals(config.slots())
          || !before.config().precision().equals(config.precision())
          || !sameKind(before.config().noise(), config.noise())) {
        throw otherStep(group, before.config(), config);
      }
      StepPlan changed = plan.with(group, config);
      if (!before.rule().form().equals(changed.groups().get(group).rule().form())) {
        throw otherStep(group, before.config(), config); // AdamW with Nesterov's momentum and without
      }
      SettingsCheck.check(group, changed.groups().get(group));
      Bindings.checkOverlaps(changed, bindings); // weight decay reads values of which only updates are written
      settle();
      engine.configure(changed);
      plan = changed;
      reduction = changed.reduction();
      reduced = false;
    });
  }

  private static SettingException otherStep(int group, StepConfig before, StepConfig config) {
    return new SettingException("group " + group + " was compiled for " + before.rule() + " with " + before.slots() + ", "
        + before.noise() + " and " + before.precision() + "; " + config.rule() + " with " + config.slots() + ", " + config.noise()
        + " and " + config.precision() + " needs a step of its own");
  }

  /** Whether what was drawn for one noise serves the other: frozen noise lies in the state, drawn as it was said. */
  private static boolean sameKind(Noise before, Noise after) {
    return before.getClass() == after.getClass() && (!(before instanceof Noise.Frozen) || before.equals(after));
  }

  private void checkGroup(int group) {
    if (group < 0 || group >= plan.groups().size()) {
      throw new ParameterException("no group " + group + "; the step has groups 0 to " + (plan.groups().size() - 1));
    }
  }

  @Override
  public void learningRates(String parameter, MemorySegment host) {
    Objects.requireNonNull(host, "host");
    locked(() -> {
      settle();
      TensorPlan tensor = tensor(parameter);
      Rates.copy(plan.groupOf(tensor), tensor, engine, host);
    });
  }

  @Override
  public StepStats stats() {
    return device.exclusively(() -> {
      checkUsable();
      settle();
      HostBlock control = new HostBlock(engine.control());
      control.load();
      if (reduction && latest == StepEngine.Outcome.ENQUEUED) {
        skips.look(control, plan);
      }
      return new StepStats((long) control.get(Control.APPLIED), (long) control.get(Control.SKIPPED),
          control.get(Control.LAST_SKIPPED) != 0, control.get(Control.NORM), Rates.histogram(plan, engine));
    });
  }

  @Override
  public long stateBytes() {
    return plan.stateBytes();
  }

  @Override
  public void save(Path file) throws IOException {
    Objects.requireNonNull(file, "file");
    locked(() -> { }); // a step that cannot be used makes no files
    saving.lock();
    try {
      FileReplacement.write(file, (output, force) -> {
        lock.lock();
        try {
          checkUsable();
          settle();
          checkNothingPends();
          new StateWriter(plan, engine).writeTo(output, force);
        } finally {
          lock.unlock();
        }
      });
    } finally {
      saving.unlock();
    }
  }

  @Override
  public void save(WritableByteChannel channel) throws IOException {
    OutputStream out = Channels.newOutputStream(Objects.requireNonNull(channel, "channel"));
    lock.lock();
    try {
      checkUsable();
      settle();
      checkNothingPends();
      new StateWriter(plan, engine).writeTo(out);
    } finally {
      lock.unlock();
    }
  }

  private void checkNothingPends() {
    if (learning != null && learning.pending()) {
      throw new CallOrderException("what the last update left of all parts is not learned yet, and would be in no file: call"
          + " leaveBlockProducts(), exchange blockSums() with the other workers, then takeBlockProducts(), before save()");
    }
  }

  @Override
  public void restore(Path file, Restore mode) throws IOException {
    restore(List.of(Objects.requireNonNull(file, "file")), mode);
  }

  @Override
  public void restore(List<Path> files, Restore mode) throws IOException {
    restore(files, FileStateInput::new, mode);
  }

  @Override
  public void restore(ReadableByteChannel channel, Restore mode) throws IOException {
    restoreAll(List.of(Objects.requireNonNull(channel, "channel")), mode);
  }

  @Override
  public void restoreAll(List<? extends ReadableByteChannel> channels, Restore mode) throws IOException {
    restore(channels, ChannelStateInput::of, mode);
  }

  private interface Opener<S> {
    StateInput open(S source) throws IOException;
  }

  private <S> void restore(List<S> inputs, Opener<S> opener, Restore mode) throws IOException {
    List<S> sources = List.copyOf(Objects.requireNonNull(inputs, "sources"));
    Objects.requireNonNull(mode, "mode");
    if (sources.isEmpty()) {
      throw new StateFileException("cannot restore from nothing; give the files of all workers");
    }
    locked(() -> { }); // a step that cannot be used reads no files
    // Reading may take long, on a network for ever: the device is not kept from others meanwhile.
    try (StateSet set = new StateSet()) {
      for (int i = 0; i < sources.size(); i++) {
        S source = sources.get(i);
        set.add(source instanceof Path ? source : sources.size() == 1 ? "a channel" : "channel " + i,
            () -> opener.open(source), byName);
      }
      lock.lock();
      try {
        checkUsable();
        checkTraining();
        settle();
        load(set, set.match(plan, mode));
        reduced = false;
      } finally {
        lock.unlock();
      }
    }
  }

  private void load(StateSet set, Map<StateReader, List<StateReader.Source>> sources) throws IOException {
    try {
      set.load(engine, sources);
      takeValuesOf(set.withoutMaster(plan));
      if (learning != null) {
        learning.forget();
      }
    } catch (Throwable failure) {
      if (set.loading()) {
        poison = failure; // first: what follows may itself lack stack or memory
        throw restoreFailed(set.source(), failure);
      }
      throw failure;
    }
  }

  @Override
  public void close() {
    device.exclusively(() -> {
      if (!closed) {
        closed = true;
        if (evaluation != null) {
          evaluation.forget();
        }
        onClose.accept(this);
        engine.close();
        if (blockSums != null) {
          blockSums.close();
        }
        if (movable != null) {
          Stream.of(movable).filter(Objects::nonNull).forEach(EngineBuffer::close);
        }
      }
    });
  }

  @Override
  public String toString() {
    return "step over " + plan.tensors().size() + " parameters on " + device;
  }
}
