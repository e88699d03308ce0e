package io.nlar.experiments;

import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Does runs: makes network and optimizer, and leaves the epochs to its subclass. The loop is over DJL's blocks and not
 * its {@code Trainer}, whose step refuses float64.
 */
abstract class Training {
  static final double NANO = 1e-9;

  private final Conditions conditions;

  Training(Conditions conditions) {
    this.conditions = conditions;
  }

  /**
   * A run that has begun.
   *
   * @param parameters those that are trained
   * @param stop asked between batches; true ends the run, and the epoch it is in is not recorded
   * @param finished takes each finished epoch
   * @param observer looks on
   */
  record Run(RunKey key, Model model, Block block, DataType type, List<Parameter> parameters, TrainingStep step,
      int epochs, BooleanSupplier stop, Consumer<EpochRecord> finished, RunObserver observer) {

    /** An epoch is done. */
    void finish(EpochRecord record) {
      finished.accept(record);
      observer.epoch(record, step, parameters);
    }
  }

  /**
   * Trains.
   *
   * @param stop asked between batches; true ends the run, and the epoch it is in is not recorded
   * @param finished takes each finished epoch
   * @param observer looks on; stays open
   */
  final void run(RunKey key, int epochs, BooleanSupplier stop, Consumer<EpochRecord> finished, RunObserver observer) {
    double median = conditions.variation().pilot(key.value())
        .map(pilot -> median(new RunKey(pilot, key.optimizer(), key.rate(), key.seed()), epochs, stop))
        .orElse(Double.NaN);
    if (stop.getAsBoolean()) {
      return; // perhaps in the pilot, whose median then is none
    }
    Engine engine = DjlEngine.start();
    engine.setRandomSeed(Math.toIntExact(key.seed()));
    DataType dataType = DataType.valueOf(conditions.type().name());
    try (Model model = Model.newInstance("run")) {
      Block block = Recipe.initialisers(network());
      model.setBlock(block);
      block.initialize(model.getNDManager(), dataType, input());
      List<Parameter> parameters = block.getParameters().values().stream().filter(Parameter::requiresGradient).toList();
      try (TrainingStep step = conditions.variation().open(key, median, steps(epochs), conditions.device(),
          block)) {
        train(new Run(key, model, block, dataType, parameters, step, epochs, stop, finished,
            observer));
      }
    }
  }

  /** The median learning rate at the end of a run; λ where it diverged at once. */
  private double median(RunKey pilot, int epochs, BooleanSupplier stop) {
    double[] median = {pilot.initialRate()};
    run(pilot, epochs, stop, record -> {
      if (!record.diverged()) {
        median[0] = record.medianRate();
      }
    }, RunObserver.NONE);
    return median[0];
  }

  /** The network, not initialised. */
  abstract Block network();

  /** Shape of what the network takes. */
  abstract Shape input();

  /** How many updates a run has; where that shows only in training, how many at most. What schedules of rates go by. */
  abstract long steps(int epochs);

  /** Trains, and hands finished epochs over. */
  abstract void train(Run run);
}
