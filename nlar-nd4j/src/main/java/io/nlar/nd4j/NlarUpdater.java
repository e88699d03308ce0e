package io.nlar.nd4j;

import io.nlar.Backends;
import io.nlar.Device;
import io.nlar.SettingException;
import io.nlar.StepConfig;
import java.util.Map;
import java.util.Objects;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonProperty;
import org.nd4j.shade.jackson.databind.annotation.JsonDeserialize;
import org.nd4j.shade.jackson.databind.annotation.JsonSerialize;

/**
 * Nlar as an updater of ND4J, for SameDiff and Deeplearning4j.
 *
 * <pre>{@code
 * var training = new TrainingConfig.Builder().updater(new NlarUpdater(StepConfig.nlarcm()))...
 * }</pre>
 *
 * <p>What ND4J hands to an updater at once is one step with one norm: the gradients of all layers that share an updater
 * in a Deeplearning4j network, but a single variable in SameDiff, where {@link io.nlar.Scaling.GlobalNorm} therefore
 * bounds each variable by itself.
 *
 * <p>The state is in the array that ND4J provides, keeps and saves, and t is ND4J's iteration plus 1, so that networks
 * are saved, restored, averaged and continued as with any updater. Gradients that are skipped for a NaN or an infinity
 * count as iterations.
 *
 * <p>Gradients are float32 or float64, on ND4J's CPU backend, and become updates in place. Weight decay is ND4J's
 * ({@link org.nd4j.linalg.learning.regularization.WeightDecay}), since an updater does not see the parameters.
 */
public final class NlarUpdater implements IUpdater {
  private static final long serialVersionUID = 1;

  @JsonSerialize(using = SettingsJson.Writer.class)
  @JsonDeserialize(using = SettingsJson.Reader.class)
  private StepConfig config;
  private ISchedule learningRate;
  private transient Device device;

  /** Nlarcm with the published defaults. */
  public NlarUpdater() {
    this(StepConfig.nlarcm());
  }

  /**
   * An updater of these settings, without a schedule.
   *
   * @throws SettingException if the settings have weight decay or noise, or a rule with another value to evaluate
   */
  public NlarUpdater(StepConfig config) {
    this(config, null);
  }

  /**
   * An updater of these settings.
   *
   * @param config the settings
   * @param learningRate a schedule of λ·k: the rate factor k of a step is its value over the settings' λ. Null: k is 1
   * @throws SettingException if the settings have weight decay or noise, a rule with another value to evaluate, or a schedule
   *     and a λ of 0
   */
  public NlarUpdater(
      @JsonProperty("config") @JsonDeserialize(using = SettingsJson.Reader.class) StepConfig config,
      @JsonProperty("learningRate") ISchedule learningRate) {
    this.config = Objects.requireNonNull(config, "config");
    this.learningRate = learningRate;
    if (config.weightDecay() != 0) {
      throw new SettingException("an updater of ND4J does not see the parameters, so that it cannot decay them: use"
          + " withWeightDecay(0) and ND4J's new WeightDecay(" + config.weightDecay() + ", true) as regularization");
    }
    if (config.noisy()) {
      throw new SettingException("noise is drawn by the parameters' names, which ND4J does not tell its updaters: use"
          + " withNoise(new Noise.None())");
    }
    if (!config.rule().parameterSlots().isEmpty()) {
      throw new SettingException(config.rule().name() + " evaluates another value than the one that gradients are taken at,"
          + " for which ND4J has no place: take another rule, or a step of the library itself");
    }
    if (learningRate != null && config.rule().learningRate() == 0) {
      throw new SettingException("a schedule is relative to the initial learning rate, which is 0: use withLearningRate");
    }
  }

  /** The settings. */
  public StepConfig config() {
    return config;
  }

  /** k of a step. */
  double rateFactor(int iteration, int epoch) {
    return learningRate == null ? 1 : learningRate.valueAt(iteration, epoch) / config.rule().learningRate();
  }

  /** One for all that this makes; released by the garbage collector with them. */
  synchronized Device device() {
    if (device == null) {
      device = Backends.open("cpu");
    }
    return device;
  }

  @Override
  public long stateSize(long numParams) {
    return config.slots().size() * numParams;
  }

  @Override
  public NlarGradientUpdater instantiate(INDArray viewArray, boolean initializeViewArray) {
    NlarGradientUpdater updater = new NlarGradientUpdater(this);
    if (viewArray != null) {
      long length = viewArray.length() / Math.max(1, config.slots().size());
      updater.setStateViewArray(viewArray, new long[] {length}, viewArray.ordering(), initializeViewArray);
    }
    return updater;
  }

  @Override
  public NlarGradientUpdater instantiate(Map<String, INDArray> updaterState, boolean initializeStateArrays) {
    NlarGradientUpdater updater = new NlarGradientUpdater(this);
    updater.setState(updaterState, initializeStateArrays);
    return updater;
  }

  /** λ·k: what ND4J multiplies its weight decay with. */
  @Override
  public double getLearningRate(int iteration, int epoch) {
    return learningRate == null ? config.rule().learningRate() : learningRate.valueAt(iteration, epoch);
  }

  @Override
  public boolean hasLearningRate() {
    return true;
  }

  /**
   * Another λ, where it is not NaN, and another schedule. Of the Nlar estimators only Nlarsm moves its rates with λ when
   * it has begun; a schedule moves those of all.
   */
  @Override
  public void setLrAndSchedule(double lr, ISchedule lrSchedule) {
    NlarUpdater changed = new NlarUpdater(Double.isNaN(lr) ? config : config.withLearningRate(lr), lrSchedule);
    config = changed.config;
    learningRate = changed.learningRate;
  }

  @Override
  public NlarUpdater clone() {
    return new NlarUpdater(config, learningRate == null ? null : learningRate.clone());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof NlarUpdater updater && config.equals(updater.config)
        && Objects.equals(learningRate, updater.learningRate);
  }

  @Override
  public int hashCode() {
    return Objects.hash(config, learningRate);
  }

  @Override
  public String toString() {
    return "NlarUpdater(config=" + config + ", learningRate=" + learningRate + ")";
  }
}
