package io.nlar.djl;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import ai.djl.util.Pair;
import ai.djl.util.Utils;
import io.nlar.Backends;
import io.nlar.Device;
import io.nlar.Noise;
import io.nlar.ParameterException;
import io.nlar.Restore;
import io.nlar.SettingException;
import io.nlar.Step;
import io.nlar.StepConfig;
import io.nlar.StepStats;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.lang.ref.Cleaner;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntToDoubleFunction;

/**
 * Nlar as a DJL optimizer.
 *
 * <pre>{@code
 * var config = new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
 *     .optOptimizer(NlarOptimizer.builder().optConfig(StepConfig.nlarcm()).build());
 * }</pre>
 *
 * <p>The whole model is one fused step with the true global norm. It runs in the first {@link #update} of a batch, when
 * all gradients exist and none was used yet; the batch's other updates find their work done. So the order in which
 * DJL updates parameters does not matter. All gradients must be final before the first update, as {@code Trainer.step()}
 * guarantees.
 *
 * <p>Contiguous float32, float64 and float16 tensors on the CPU are updated in place, others are copied to the
 * device and back. The step zeroes the gradients, which DJL accumulates. Of float16 tensors it keeps the exact float32
 * values; multiply the loss by a scale and build with its inverse, {@code setRescaleGrad(1f / 1024)}. bfloat16, in which DJL's
 * PyTorch engine cannot train on the CPU, is refused.
 *
 * <p>Which tensors belong to the model is found at the first update, from the manager that holds them. A model whose
 * parameters do not all live with {@code model.getNDManager()}, or beside other tensors that collect gradients, is named
 * by {@link Builder#optBlock}; with it, parameters may also be replaced or unfrozen between batches. A frozen parameter
 * stays as it is, and keeps its state.
 *
 * <p>An optimizer trains one model, whose tensors are on one of DJL's devices. Several models (a GAN, k-fold training)
 * take a {@code TrainingConfig} with an optimizer each; several devices, and tensors of another model, are refused.
 *
 * <p>Gradients accumulate until the step. For one step over n batches call {@code trainer.step()} after every n-th
 * alone, and build with {@code setRescaleGrad(1f / n)} for their mean.
 *
 * <p>{@code Trainer.step()} refuses float64 the first time, in DJL's own check of the gradients and before any optimizer
 * is asked. Hand the parameters over yourself instead:
 *
 * <pre>{@code
 * for (Parameter parameter : model.getBlock().getParameters().values()) {
 *   if (parameter.requiresGradient()) {
 *     optimizer.update(parameter.getId(), parameter.getArray(), null); // the gradient is found at the tensor
 *   }
 * }
 * }</pre>
 *
 * <p>{@link #close} frees the state. An optimizer that nothing refers to any more is closed by the garbage collector.
 */
public final class NlarOptimizer extends Optimizer implements AutoCloseable {
  private static final Cleaner CLEANER = Cleaner.create();

  /** The batch in which a parameter was last handed over. */
  private static final class HandOver {
    private long batch;
  }

  /** What outlives the optimizer until it is cleaned up; knows nothing of the optimizer itself. */
  private static final class Resources implements Runnable {
    private Device device;
    private boolean ownsDevice;
    private ModelStep step;

    @Override
    public synchronized void run() {
      if (step != null) {
        step.close();
        step = null;
      }
      if (device != null && ownsDevice) {
        device.close();
      }
      device = null;
    }
  }

  private final StepConfig config;
  private final Block block;
  private final String backend;
  private final Device givenDevice;
  private final IntToDoubleFunction rateFactor;
  private final Resources resources = new Resources();
  private final Cleaner.Cleanable cleanable = CLEANER.register(this, resources);
  /** By DJL's identifiers, which stay when tensors are replaced: a parameter that comes again starts the next batch. */
  private final Map<String, HandOver> handedOver = new HashMap<>();
  /** All parameters of the block, also frozen ones. */
  private List<Parameter> watched = List.of();
  /** Batches so far; 0 before the first. */
  private long batch;
  private final int updatesAtStart;
  private int updates;
  private boolean closed;
  /** Whether the model's values are those to evaluate. */
  private boolean evaluating;

  private NlarOptimizer(Builder builder) {
    super(builder);
    this.config = builder.config;
    this.block = builder.block;
    this.backend = builder.backend;
    this.givenDevice = builder.device;
    this.rateFactor = builder.rateFactor;
    this.updatesAtStart = updateCount("") - 1; // the only way to learn what optBeginNumUpdate was given
    this.updates = updatesAtStart;
    if (getWeightDecay() != 0) {
      throw new SettingException("Nlar's weight decay is decoupled from the gradient: use"
          + " optConfig(config.withWeightDecay(" + getWeightDecay() + ")) instead of optWeightDecays");
    }
    if (clipGrad >= 0) {
      throw new SettingException("Nlar bounds gradients itself: use optConfig(config.withScaling(new Scaling.Value("
          + clipGrad + "))) instead of optClipGrad");
    }
    if (config.noisy() && block == null) {
      throw new SettingException("noise is drawn by the parameters' names, which only the block knows:"
          + " use optBlock(model.getBlock())");
    }
  }

  /** Starts to build an optimizer; without further settings Nlarcm with the published defaults. */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public synchronized void update(String parameterId, NDArray weight, NDArray grad) {
    checkOpen();
    checkTraining("update");
    HandOver last = handedOver.computeIfAbsent(parameterId, id -> new HandOver());
    boolean startsBatch = batch == 0 || last.batch == batch;
    if (resources.step == null) {
      adopt(block == null ? Discovery.around(weight) : Discovery.in(block, null));
    } else if (startsBatch && anyReplaced()) {
      adopt(Discovery.in(block, resources.step));
    }
    if (resources.step.updates(weight)) {
      startsBatch |= resources.step.foundFrozen(weight);
    } else {
      startsBatch |= join(parameterId, weight);
    }
    if (!weight.hasGradient()) {
      throw new ParameterException("parameter '" + parameterId + "' was handed over but collects no gradients: unfreeze"
          + " it (freeze(false)), and initialize the block after loading its parameters");
    }
    if (startsBatch) {
      batch++;
    }
    last.batch = batch;
    if (startsBatch) {
      runStep();
    }
  }

  /**
   * Puts the values to evaluate into the model's tensors, for validation, prediction and {@code model.save}, as {@link
   * Step#evaluate} says. Before the first batch they are those that gradients are taken at. Until {@link #train} the model is
   * not to be trained: an update is refused. Only {@link io.nlar.ScheduleFree} and {@link io.nlar.Nlarsf} have such values;
   * under other rules tensors stay as they are. What batch normalisation has counted is of the other values: {@link
   * BatchStatistics#recount} counts it anew.
   */
  public synchronized void evaluate() {
    checkOpen();
    if (resources.step != null) {
      resources.step.evaluate();
      evaluating = true;
    }
  }

  /** Puts the values back that gradients are taken at, to the bit. */
  public synchronized void train() {
    checkOpen();
    if (resources.step != null) {
      resources.step.train();
      evaluating = false;
    }
  }

  private void checkTraining(String call) {
    if (evaluating) {
      throw new io.nlar.CallOrderException("the model's values are those to evaluate: call train() of the optimizer before "
          + call);
    }
  }

  private void runStep() {
    updates += updates < Integer.MAX_VALUE ? 1 : 0; // DJL's trackers count no further
    double factor = rateFactor == null ? 1 : rateFactor.applyAsDouble(updates);
    resources.step.run(rescaleGrad, factor);
  }

  /** Whether a parameter of the block has a tensor that is not of the step: loaded anew, or unfrozen. */
  private boolean anyReplaced() {
    for (int i = 0; i < watched.size(); i++) {
      Parameter parameter = watched.get(i);
      if (parameter.requiresGradient() && parameter.isInitialized()
          && !resources.step.updates(parameter.getArray())) {
        return true;
      }
    }
    return false;
  }

  /**
   * A tensor came that the step does not know; it joins when the block has it, else it is a stranger.
   *
   * @return whether the block had its parameter when the last step ran, frozen then: so another batch has begun
   */
  private boolean join(String parameterId, NDArray weight) {
    if (block != null) {
      List<NamedArray> arrays = Discovery.in(block, resources.step);
      if (arrays.stream().anyMatch(named -> named.array() == weight)) {
        boolean watchedBefore = watched.stream().anyMatch(p -> p.isInitialized() && p.getArray() == weight);
        adopt(arrays);
        return watchedBefore;
      }
    }
    throw notAmongThose("parameter '" + parameterId + "' of shape " + weight.getShape(), weight);
  }

  private ParameterException notAmongThose(String what, NDArray array) {
    if (!array.getDevice().equals(resources.step.home())) {
      return new ParameterException(what + " is on " + array.getDevice() + ", but the first batch was made of tensors on "
          + resources.step.home() + "; Nlar trains a model on one device: give the trainer that one alone (optDevices),"
          + " and make the model there (Model.newInstance(name, device))");
    }
    String outside = what + " is not among the tensors that the first batch was made of";
    String another = "if it is another model's (one TrainingConfig for several, as in a GAN or in k-fold training), give each"
        + " model a TrainingConfig with an NlarOptimizer of its own";
    if (block != null) {
      return new ParameterException(outside + ", nor a parameter of the block that optBlock named; " + another);
    }
    if (array.getManager() != resources.step.manager()) {
      return new ParameterException(outside + " and does not share their manager; " + another + "; if it is of the same"
          + " model, name its block by NlarOptimizer.builder().optBlock(model.getBlock())");
    }
    return new ParameterException(outside + ": it was replaced or unfrozen since; name the model's block by"
        + " NlarOptimizer.builder().optBlock(model.getBlock())");
  }

  /** Compiles the step for these tensors; the state of an earlier one goes with the tensors, or with their names. */
  private void adopt(List<NamedArray> arrays) {
    ModelStep before = resources.step;
    ModelStep step = new ModelStep(device(), config, arrays);
    if (before != null) {
      try {
        step.takeStateOf(before);
      } catch (Throwable failure) {
        step.close();
        throw failure;
      }
      before.close();
    }
    resources.step = step;
    watched = block == null ? List.of() : List.copyOf(block.getParameters().values());
  }

  private Device device() {
    if (resources.device == null) {
      resources.ownsDevice = givenDevice == null;
      resources.device = givenDevice != null ? givenDevice : open();
    }
    return resources.device;
  }

  private Device open() {
    if (backend != null) {
      return Backends.open(backend);
    }
    boolean chosen = chosen(System.getProperty(Backends.PROPERTY)) || chosen(System.getenv(Backends.VARIABLE));
    return chosen ? Backends.open() : Backends.open("cpu");
  }

  /** Whether a property or variable names a device; an empty one does not. */
  static boolean chosen(String selector) {
    return selector != null && !selector.isBlank();
  }

  private void checkOpen() {
    if (closed) {
      throw new io.nlar.ClosedException("the optimizer was closed");
    }
  }

  /**
   * The step underneath: statistics, learning rates, settings.
   *
   * @throws io.nlar.CallOrderException before the first batch or {@link #restore}, when there is none
   */
  public synchronized Step step() {
    checkOpen();
    if (resources.step == null) {
      throw new io.nlar.CallOrderException("the step is compiled with the first batch, or by restore");
    }
    return resources.step.step();
  }

  /**
   * Saves the optimizer's state under the names that {@code block} gives its parameters, beside what
   * {@code block.saveParameters} or {@code model.save} write.
   *
   * @param block the model's block
   * @param file a safetensors file, replaced atomically
   * @throws io.nlar.CallOrderException before the first batch or {@link #restore}, or if the block was not initialized
   * @throws io.nlar.StateFileException if the state is beyond the limits of files, as {@link Step#save} says
   * @throws IOException if the file cannot be written; says which file, why, and what to do
   */
  public synchronized void save(Block block, Path file) throws IOException {
    step();
    named(block);
    step().save(file);
  }

  /**
   * Restores a state that {@link #save} wrote; the model's parameters are initialised or loaded before. A schedule goes
   * on after the batches that the state has seen.
   *
   * @param block the model's block
   * @param file the state
   * @param mode how differences are treated
   * @throws io.nlar.CallOrderException if the block was not initialized
   * @throws io.nlar.StateFileException if the file is corrupted, does not fit, or was overwritten meanwhile; the state is
   *     as before
   * @throws IOException if the file cannot be read; says which file, why, and what to do; the state is as before
   * @throws io.nlar.StepFailedException if the file was checked and then could not be loaded, as {@link Step#restore} says
   */
  public synchronized void restore(Block block, Path file, Restore mode) throws IOException {
    checkOpen();
    checkTraining("restore");
    named(block);
    step().restore(file, mode);
    StepStats stats = step().stats();
    updates = (int) Math.min(Integer.MAX_VALUE, updatesAtStart + stats.applied() + stats.skipped());
  }

  /**
   * Saves the model and, beside it, the optimizer's state: {@code name-0012.safetensors} for {@code name-0012.params},
   * which DJL numbers by the model's property {@code Epoch}, else one higher than before. The state is written first, so
   * that parameters without one are never the latest.
   *
   * @param model the model that is trained
   * @param folder where both are written
   * @param name the model's name there
   * @throws io.nlar.CallOrderException before the first batch or {@link #restore}, when there is no state; while the model's
   *     values are those to {@linkplain #evaluate evaluate}, from which training would not go on
   * @throws io.nlar.StateFileException as {@link #save(Block, Path)}
   * @throws IOException if a file cannot be written
   */
  public synchronized void save(Model model, Path folder, String name) throws IOException {
    checkTraining("save(model, folder, name), which is to go on from, or use model.save alone");
    String epoch = model.getProperty("Epoch");
    Files.createDirectories(folder);
    save(model.getBlock(), stateFile(folder, name,
        epoch == null ? Utils.getCurrentEpoch(folder, name) + 1 : Integer.parseInt(epoch)));
    model.save(folder, name);
  }

  /**
   * Restores the state that belongs to the latest parameters in a folder, those that {@code model.load(folder, name)}
   * reads. The model is loaded and initialized before.
   *
   * @throws io.nlar.CallOrderException if the model was not initialized
   * @throws IOException if there are no parameters of that name, or no state beside them; else as
   *     {@link #restore(Block, Path, Restore)}
   */
  public synchronized void restore(Model model, Path folder, String name, Restore mode) throws IOException {
    int epoch = Utils.getCurrentEpoch(folder, name);
    Path file = stateFile(folder, name, epoch);
    if (epoch < 0 || !Files.exists(file)) {
      throw new FileNotFoundException(epoch < 0
          ? "there are no parameters of a model '" + name + "' in " + folder + "; save them by save(model, folder, name)"
          : "there is no " + file + " beside the parameters; train on without a state, or save both by"
              + " save(model, folder, name)");
    }
    restore(model.getBlock(), file, mode);
  }

  private static Path stateFile(Path folder, String name, int epoch) {
    return folder.resolve(String.format(Locale.ROOT, "%s-%04d.safetensors", name, epoch));
  }

  private static void checkInitialized(Block block) {
    for (Pair<String, Parameter> entry : Objects.requireNonNull(block, "block").getParameters()) {
      if (entry.getValue().requiresGradient() && !entry.getValue().isInitialized()) {
        throw new io.nlar.CallOrderException("parameter '" + entry.getKey() + "' of the block has no tensor yet: load the"
            + " model's parameters and initialize the block (block.initialize, or trainer.initialize) before");
      }
    }
  }

  /** Has the step use the block's names, which are the same in every process. */
  private void named(Block block) {
    checkInitialized(block);
    List<NamedArray> arrays = Discovery.in(block, resources.step);
    if (resources.step == null) {
      adopt(arrays);
    } else if (!resources.step.updates(arrays)) {
      for (NamedArray named : arrays) {
        if (!resources.step.updates(named.array())) {
          throw notAmongThose("parameter '" + named.name() + "' of the block", named.array());
        }
      }
      adopt(arrays);
    }
  }

  /** Frees the state, and the device where the optimizer opened it. Idempotent; the model stays as it is. */
  @Override
  public synchronized void close() {
    closed = true;
    cleanable.clean();
  }

  /** Builds a {@link NlarOptimizer}. {@code setRescaleGrad} is the gradient scale s. */
  public static final class Builder extends OptimizerBuilder<Builder> {
    private StepConfig config = StepConfig.nlarcm();
    private Block block;
    private String backend;
    private Device device;
    private IntToDoubleFunction rateFactor;

    private Builder() {}

    /** Estimator, initial learning rate, scaling and all other settings of the step. */
    public Builder optConfig(StepConfig config) {
      this.config = Objects.requireNonNull(config, "config");
      return this;
    }

    /**
     * The block whose parameters are trained; without it they are found through their manager. With it the state
     * follows parameters that are loaded anew, and noise can be drawn.
     */
    public Builder optBlock(Block block) {
      this.block = block;
      return this;
    }

    /**
     * Selector of the device that runs the step, for example {@code cpu}. Without it, the property or the variable that
     * {@link Backends} names, else the CPU, which works on DJL's tensors in place.
     */
    public Builder optBackend(String selector) {
      this.backend = selector;
      return this;
    }

    /** A device that stays the caller's. */
    public Builder optDevice(Device device) {
      this.device = device;
      return this;
    }

    /** A schedule: the rate factor k of batch 1, 2, ..., counted on from {@code optBeginNumUpdate} where it is given. */
    public Builder optRateFactor(Tracker rateFactor) {
      this.rateFactor = rateFactor == null ? null : rateFactor::getNewValue;
      return this;
    }

    /** The same in double, where the float of a {@link Tracker} is too coarse. */
    public Builder optSchedule(IntToDoubleFunction rateFactor) {
      this.rateFactor = rateFactor;
      return this;
    }

    @Override
    protected Builder self() {
      return this;
    }

    /** The optimizer; devices are opened and memory is taken with the first batch. */
    public NlarOptimizer build() {
      return new NlarOptimizer(this);
    }
  }
}
