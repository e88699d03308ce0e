package io.nlar.experiments;

import ai.djl.nn.Block;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.cli.WrongArgumentException;
import java.util.List;
import java.util.Optional;

/** What a campaign varies beside optimizer, rate and seed. */
interface Variation {
  /** For people and folders; empty where nothing varies. */
  String label();

  /** The values that are tried where none are asked for. */
  List<String> defaults();

  /** The type that its values are meant for. */
  default DType type() {
    return DType.FLOAT32;
  }

  /**
   * Checks that the optimizer has this variation.
   *
   * @throws WrongArgumentException says what it has
   */
  void check(OptimizerChoice choice, double rate, String value);

  /** The value that {@code value} is compared with; empty where there is none to prefer. */
  default String reference(String value) {
    return "";
  }

  /** What runs must have in common beside the values; a line for the settings, or nothing. */
  default String settings() {
    return "";
  }

  /** The value whose run must be done before one of {@code value} can start; mostly none. */
  default Optional<String> pilot(String value) {
    return Optional.empty();
  }

  /**
   * A new optimizer for one run.
   *
   * @param median the median learning rate at the end of the {@linkplain #pilot pilot}; NaN without one
   * @param steps how many updates the run has, or at most has
   */
  TrainingStep open(RunKey run, double median, long steps, Device device, Block block);
}
