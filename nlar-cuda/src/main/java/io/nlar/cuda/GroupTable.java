package io.nlar.cuda;

import io.nlar.Momentum;
import io.nlar.Scaling;
import io.nlar.StepConfig;
import io.nlar.spi.GroupPlan;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** The numbers of parameter groups, as the kernels read them. */
final class GroupTable {
  /** Bytes of a group in device memory. */
  static final int ENTRY_BYTES = 72;

  private GroupTable() {}

  static void write(MemorySegment table, List<GroupPlan> groups) {
    long at = 0;
    for (GroupPlan group : groups) {
      StepConfig config = group.config();
      double[] numbers = group.rule().numbers();
      Table.setDouble(table, at, numbers[0]);
      Table.setDouble(table, at + 8, numbers[1]);
      Table.setDouble(table, at + 16, numbers[2]);
      Table.setDouble(table, at + 24, numbers[3]);
      Table.setDouble(table, at + 32, numbers[4]);
      Table.setDouble(table, at + 40, config.scaling().bound());
      Table.setDouble(table, at + 48, group.decayRate());
      Table.setInt(table, at + 56, scaling(config.scaling()));
      Table.setInt(table, at + 60, decay(config.momentum()));
      Table.setInt(table, at + 64, config.weightDecay() == 0 ? 0 : 1);
      at += ENTRY_BYTES;
    }
  }

  private static int scaling(Scaling scaling) {
    return switch (scaling) {
      case Scaling.GlobalNorm s -> 0;
      case Scaling.TensorNorm s -> 1;
      case Scaling.Normalised s -> s.power() == 1 ? 2 : 3;
      case Scaling.Value s -> 4;
      case Scaling.Soft s -> 5;
      case Scaling.None s -> 6;
    };
  }

  private static int decay(Momentum momentum) {
    return switch (momentum) {
      // Without momentum no kernel uses the value, except in Nlarsm's and Nlarcm's h, which is then unused too.
      case Momentum.None m -> 0;
      case Momentum.Constant m -> 0;
      case Momentum.Inverse m -> 1;
      case Momentum.InverseSqrt m -> 2;
    };
  }
}
