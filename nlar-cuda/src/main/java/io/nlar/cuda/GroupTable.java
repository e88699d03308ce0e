package io.nlar.cuda;

import io.nlar.spi.Codes;
import io.nlar.spi.GroupPlan;
import io.nlar.spi.RulePlan;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** The settings of parameter groups, as the kernels read them. */
final class GroupTable {
  static final Struct GROUP = new Struct("Group");
  private static final Struct.Field NUMBERS = GROUP.wide("numbers", RulePlan.MOST_NUMBERS);
  private static final Struct.Field BOUND = GROUP.wide("bound");
  private static final Struct.Field DECAY_RATE = GROUP.wide("decayRate");
  private static final Struct.Field SEED = GROUP.wide("seed");
  private static final Struct.Field SCALING = GROUP.word("scaling");
  private static final Struct.Field DECAYS = GROUP.word("decays");

  /** Bytes of a group in device memory. */
  static final int ENTRY_BYTES = GROUP.bytes();

  private GroupTable() {}

  static void write(MemorySegment table, List<GroupPlan> groups) {
    long at = 0;
    for (GroupPlan group : groups) {
      double[] numbers = group.rule().numbers();
      for (int i = 0; i < numbers.length; i++) {
        NUMBERS.setDouble(table, at, i, numbers[i]);
      }
      BOUND.setDouble(table, at, group.config().scaling().bound());
      DECAY_RATE.setDouble(table, at, group.decayRate());
      SEED.setLong(table, at, group.seed());
      SCALING.setInt(table, at, Codes.of(group.config().scaling()));
      DECAYS.setInt(table, at, group.config().weightDecay() == 0 ? 0 : 1);
      at += ENTRY_BYTES;
    }
  }
}
