package io.nlar.experiments;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.loss.Loss;
import java.util.function.DoubleSupplier;

/** What is minimised, and how the experiment's {@link Measure} follows from it. */
enum Objective {
  /** Scores of classes: cross-entropy of the softmax, and the share that is told right. Targets: the classes. */
  CLASSES {
    @Override
    NDArray loss(NDArray outputs, NDArray targets) {
      return Loss.softmaxCrossEntropyLoss().evaluate(new NDList(targets), new NDList(outputs));
    }

    @Override
    double sum(NDArray outputs, NDArray targets, DoubleSupplier loss) {
      return Recipe.right(outputs, targets);
    }
  },
  /** Scores of the next symbol at every place of a sequence: cross-entropy, and its bits. Targets: the symbols. */
  BITS {
    @Override
    NDArray loss(NDArray outputs, NDArray targets) {
      long symbols = outputs.getShape().getLastDimension();
      return CLASSES.loss(outputs.reshape(-1, symbols), targets.reshape(-1));
    }

    @Override
    double sum(NDArray outputs, NDArray targets, DoubleSupplier loss) {
      return loss.getAsDouble() * targets.size() / Math.log(2);
    }
  },
  /** Numbers: mean squared error, and its root. */
  SQUARES {
    @Override
    NDArray loss(NDArray outputs, NDArray targets) {
      return outputs.sub(targets).square().mean();
    }

    @Override
    double sum(NDArray outputs, NDArray targets, DoubleSupplier loss) {
      return loss.getAsDouble() * targets.size();
    }

    @Override
    double score(double sum, long scored) {
      return Math.sqrt(super.score(sum, scored));
    }
  };

  /** The mean loss of a batch. */
  abstract NDArray loss(NDArray outputs, NDArray targets);

  /**
   * What adds up over batches to {@link #score}.
   *
   * @param loss the batch's mean loss, asked for only where it is needed
   */
  abstract double sum(NDArray outputs, NDArray targets, DoubleSupplier loss);

  /** The score of many batches. */
  double score(double sum, long scored) {
    return sum / scored;
  }

  /** A scalar on the host. */
  static double number(NDArray scalar) {
    return scalar.toType(DataType.FLOAT64, false).getDouble();
  }
}
