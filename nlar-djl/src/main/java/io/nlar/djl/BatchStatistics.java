package io.nlar.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Parameter;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Batch;
import io.nlar.CallOrderException;
import io.nlar.ParameterException;
import java.util.ArrayList;
import java.util.List;

/**
 * The means and variances that batch normalisation counts while a model is trained. Counted of the values that gradients are taken
 * at, they are wrong for those to {@linkplain NlarOptimizer#evaluate evaluate}:
 *
 * <pre>{@code
 * optimizer.evaluate();
 * BatchStatistics.recount(trainer, trainer.iterateDataset(trainingSet));
 * // validate, predict, model.save
 * optimizer.train();
 * }</pre>
 *
 * <p>Training does not read them, so that it goes on as if they had not been counted anew.
 */
public final class BatchStatistics {
  /** Beside such numbers what dropout changes from pass to pass is nothing. */
  private static final float LARGE = 0x1p20f;
  /** The same in 16 bits. */
  private static final float LARGE_HALF = 0x1p10f;

  /** An array of running means or variances. */
  private record Running(NDArray array, NDArray before, NDArray mean) {
    void fill(NDManager scope, float value) {
      try (NDArray filled = scope.full(array.getShape(), value, array.getDataType())) {
        filled.copyTo(array);
      }
    }
  }

  private final Trainer trainer;
  private final NDManager scope;
  private final List<Running> all = new ArrayList<>();
  /** By how much a batch's statistics are multiplied when they are counted in, of each array's elements. */
  private final List<NDArray> shares = new ArrayList<>();
  private int counted;

  private BatchStatistics(Trainer trainer, NDManager scope) {
    this.trainer = trainer;
    this.scope = scope;
    for (Parameter parameter : trainer.getModel().getBlock().getParameters().values()) {
      if (parameter.getType() == Parameter.Type.RUNNING_MEAN || parameter.getType() == Parameter.Type.RUNNING_VAR) {
        if (!parameter.isInitialized()) {
          throw new CallOrderException("parameter '" + parameter.getName() + "' has no tensor yet: initialize the trainer"
              + " before statistics are counted");
        }
        NDArray array = parameter.getArray();
        NDArray before = array.duplicate();
        before.attach(scope);
        all.add(new Running(array, before, scope.zeros(array.getShape(), array.getDataType())));
      }
    }
  }

  /**
   * Counts the running means and variances of all batch normalisations of a trainer's model anew, with the values that are in
   * place: each becomes the mean of what it is in these batches, all of which weigh alike (the variance with Bessel's
   * correction, as far as the engine makes it). Passes are those of training, without gradients; there is one for each batch and
   * one more. Batches are closed. A model without batch normalisation is left alone.
   *
   * @param trainer whose model it is, initialized
   * @param batches some of the training set, as {@code trainer.iterateDataset} gives them; some tens will do
   * @throws CallOrderException if the model is not initialized
   * @throws ParameterException if there is no batch; as after any failure, the statistics are those before
   */
  public static void recount(Trainer trainer, Iterable<Batch> batches) {
    try (NDManager scope = trainer.getManager().newSubManager()) {
      BatchStatistics statistics = new BatchStatistics(trainer, scope);
      if (!statistics.all.isEmpty()) {
        statistics.recount(batches);
      }
    }
  }

  private void recount(Iterable<Batch> batches) {
    boolean complete = false;
    try {
      for (Batch batch : batches) {
        try (batch) {
          for (Batch part : batch.split(trainer.getDevices(), false)) {
            count(part);
          }
        }
      }
      if (counted == 0) {
        throw new ParameterException("there is no batch to count the statistics of batch normalisation over; give some of the"
            + " training set");
      }
      all.forEach(running -> running.mean.copyTo(running.array));
      complete = true;
    } finally {
      if (!complete) {
        all.forEach(running -> running.before.copyTo(running.array));
      }
    }
  }

  private void count(Batch batch) {
    if (counted == 0) {
      measureShares(batch);
    }
    pass(batch, false);
    counted++;
    for (int i = 0; i < all.size(); i++) {
      try (NDArray own = all.get(i).array.div(shares.get(i));
          NDArray beyond = own.sub(all.get(i).mean);
          NDArray step = beyond.div(counted)) {
        all.get(i).mean.addi(step);
      }
    }
  }

  /** Blocks do not tell their momentum; what is left of a number beside which a batch is nothing tells it. */
  private void measureShares(Batch batch) {
    pass(batch, true);
    for (Running running : all) {
      try (NDArray left = running.array.div(large(running))) {
        shares.add(left.mul(-1).add(1).toType(running.array.getDataType(), false));
      }
      shares.getLast().attach(scope);
    }
  }

  private static float large(Running running) {
    return running.array.getDataType() == DataType.FLOAT16 ? LARGE_HALF : LARGE;
  }

  /** A pass in training mode, from zeros or from large numbers on. */
  private void pass(Batch batch, boolean large) {
    all.forEach(running -> running.fill(scope, large ? large(running) : 0));
    trainer.forward(batch.getData()).close();
  }
}
