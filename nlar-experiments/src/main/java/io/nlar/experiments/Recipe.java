package io.nlar.experiments;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import ai.djl.training.initializer.XavierInitializer;
import java.util.Random;

/** What all ways to train an experiment have in common, in one process or several. */
public final class Recipe {
  /** Factor of Σw² over all weights, biases not included, in the loss. */
  public static final double L2 = 1e-4;

  private Recipe() {}

  /** Sets how a network's parameters begin: weights uniform within ±√(6/(in + out)), Glorot and Bengio's; biases 0. */
  public static Block initialisers(Block block) {
    // Magnitude 3 over the mean of fan-in and fan-out.
    block.setInitializer(new XavierInitializer(XavierInitializer.RandomType.UNIFORM,
        XavierInitializer.FactorType.AVG, 3f), Parameter.Type.WEIGHT);
    block.setInitializer(Initializer.ZEROS, Parameter.Type.BIAS);
    return block;
  }

  /** Puts numbers of examples into an order that {@code random} draws. */
  public static void shuffle(int[] order, Random random) {
    for (int i = order.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int kept = order[i];
      order[i] = order[j];
      order[j] = kept;
    }
  }

  /** How many of the rows of scores are largest at their label. */
  public static long right(NDArray scores, NDArray labels) {
    return scores.argMax(1).eq(labels).toType(DataType.INT64, false).sum().getLong();
  }
}
