package io.nlar.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Block;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import io.nlar.Backends;
import io.nlar.Device;
import io.nlar.Noise;
import io.nlar.ParameterException;
import io.nlar.Restore;
import io.nlar.SettingException;
import io.nlar.Step;
import io.nlar.StepConfig;
import java.io.IOException;
import java.lang.ref.Cleaner;
import java.nio.file.Path;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Set;

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
 * <p>Contiguous float32 and float64 tensors on the CPU are updated in place, others are copied to the
 * device and back. The step zeroes the gradients, which DJL accumulates.
 *
 * <p>Which tensors belong to the model is found at the first update, from the manager that holds them. A model whose
 * parameters do not all live with {@code model.getNDManager()}, or beside other tensors that collect gradients, is named
 * by {@link Builder#optBlock}.
 *
 * <p>{@link #close} frees the state. An optimizer that nothing refers to any more is closed by the garbage collector.
 */
public final class NlarOptimizer extends Optimizer implements AutoCloseable {
  private static final Cleaner CLEANER = Cleaner.create();

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
  private final Tracker rateFactor;
  private final Resources resources = new Resources();
  private final Cleaner.Cleanable cleanable = CLEANER.register(this, resources);
  /** Tensors that were handed over since the step ran; one that comes again starts the next batch. */
  private final Set<NDArray> handedOver = Collections.newSetFromMap(new IdentityHashMap<>());
  private int batches;
  private boolean closed;

  private NlarOptimizer(Builder builder) {
    super(builder);
    this.config = builder.config;
    this.block = builder.block;
    this.backend = builder.backend;
    this.givenDevice = builder.device;
    this.rateFactor = builder.rateFactor;
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
    if (resources.step == null) {
      adopt(block == null ? Discovery.around(weight) : Discovery.in(block));
      handedOver.add(weight);
      runStep(weight);
      return;
    }
    if (!resources.step.updates(weight)) {
      followReplacedTensors(parameterId, weight);
      runStep(weight);
    } else if (!handedOver.add(weight)) {
      runStep(weight);
    }
  }

  private void runStep(NDArray weight) {
    if (!resources.step.updates(weight)) {
      throw notAmongThose("a parameter of shape " + weight.getShape());
    }
    if (block != null && resources.step.anyReleased()) {
      adopt(Discovery.in(block));
    }
    handedOver.clear();
    handedOver.add(weight);
    double factor = rateFactor == null ? 1 : rateFactor.getNewValue(++batches);
    resources.step.run(rescaleGrad, factor);
  }

  /** A weight came that is not among those of the step: the block's parameters may have been loaded anew. */
  private void followReplacedTensors(String parameterId, NDArray weight) {
    if (block == null) {
      throw notAmongThose("parameter '" + parameterId + "' of shape " + weight.getShape());
    }
    adopt(Discovery.in(block));
  }

  private static ParameterException notAmongThose(String what) {
    return new ParameterException(what + " is not among the tensors that the first batch was made of: they do not"
        + " share a manager, or were replaced since; name them by NlarOptimizer.builder().optBlock(model.getBlock())");
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
    boolean chosen = System.getProperty(Backends.PROPERTY) != null || System.getenv(Backends.VARIABLE) != null;
    return chosen ? Backends.open() : Backends.open("cpu");
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
   * @throws IOException if the file cannot be written
   */
  public synchronized void save(Block block, Path file) throws IOException {
    step();
    named(block);
    step().save(file);
  }

  /**
   * Restores a state that {@link #save} wrote; the model's parameters are initialised or loaded before.
   *
   * @param block the model's block
   * @param file the state
   * @param mode how differences are treated
   * @throws io.nlar.StateFileException if the file is corrupted or does not fit
   * @throws IOException if the file cannot be read
   */
  public synchronized void restore(Block block, Path file, Restore mode) throws IOException {
    checkOpen();
    named(block);
    step().restore(file, mode);
  }

  /** Has the step use the block's names, which are the same in every process. */
  private void named(Block block) {
    List<NamedArray> arrays = Discovery.in(Objects.requireNonNull(block, "block"));
    if (resources.step == null) {
      adopt(arrays);
      handedOver.addAll(resources.step.arrays()); // so that the next update, whichever it is, starts a batch
    } else if (!resources.step.updates(arrays)) {
      for (NamedArray named : arrays) {
        if (!resources.step.updates(named.array())) {
          throw notAmongThose("parameter '" + named.name() + "' of the block");
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
    private Tracker rateFactor;

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

    /** A schedule: the rate factor k of batch 1, 2, ... */
    public Builder optRateFactor(Tracker rateFactor) {
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
