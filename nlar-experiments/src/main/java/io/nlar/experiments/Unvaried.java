package io.nlar.experiments;

import ai.djl.nn.Block;
import io.nlar.Device;
import io.nlar.Precision;
import io.nlar.cli.WrongArgumentException;
import java.util.List;
import java.util.Locale;

/**
 * Nothing varies beside optimizer, rate and seed.
 *
 * @param precision how the library's optimizers keep their state
 */
record Unvaried(Precision precision) implements Variation {

  /** What {@code --state} means. */
  static Precision precision(String state) {
    return switch (state) {
      case "full" -> Precision.full();
      case "compact" -> Precision.compact();
      default -> throw new WrongArgumentException("'" + state + "' is no way to keep the state; give --state full or compact"
          + " (sweep --setting state knows more)");
    };
  }

  @Override
  public String label() {
    return "";
  }

  @Override
  public List<String> defaults() {
    return List.of("");
  }

  @Override
  public void check(OptimizerChoice choice, double rate, String value) {
    // Every optimizer goes, and there are no values.
  }

  @Override
  public String settings() {
    return precision.state() == Precision.State.FULL ? "" : "state " + precision.state().name().toLowerCase(Locale.ROOT) + "\n";
  }

  @Override
  public TrainingStep open(RunKey run, double median, long steps, Device device, Block block) {
    return run.choice().open(run.initialRate(), precision, steps, device, block);
  }
}
