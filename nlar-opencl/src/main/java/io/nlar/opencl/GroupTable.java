package io.nlar.opencl;

import io.nlar.spi.Codes;
import io.nlar.spi.GroupPlan;
import io.nlar.spi.RulePlan;
import java.util.List;

/** The settings of all groups as the kernels read them: a row of binary64 numbers each. */
final class GroupTable {
  static final Row SETTING = new Row("SETTING");
  private static final int NUMBERS = SETTING.words("NUMBERS", RulePlan.MOST_NUMBERS);
  private static final int BOUND = SETTING.word("BOUND");
  private static final int DECAY_RATE = SETTING.word("DECAY_RATE");
  private static final int SEED = SETTING.word("SEED");
  private static final int SCALING = SETTING.word("SCALING");
  private static final int DECAYS = SETTING.word("DECAYS");

  private GroupTable() {}

  /** The rows' bits. (The seed is a bit pattern; a double would not carry each of them safely.) */
  static long[] encode(List<GroupPlan> groups) {
    return StandardArithmetic.compute(() -> rows(groups));
  }

  private static long[] rows(List<GroupPlan> groups) {
    long[] rows = new long[groups.size() * SETTING.length()];
    for (int i = 0; i < groups.size(); i++) {
      encode(groups.get(i), rows, i * SETTING.length());
    }
    return rows;
  }

  private static void encode(GroupPlan group, long[] rows, int at) {
    double[] numbers = group.rule().numbers();
    for (int i = 0; i < numbers.length; i++) {
      put(rows, at + NUMBERS + i, numbers[i]);
    }
    put(rows, at + BOUND, group.config().scaling().bound());
    put(rows, at + DECAY_RATE, group.decayRate());
    rows[at + SEED] = group.seed();
    put(rows, at + SCALING, Codes.of(group.config().scaling()));
    put(rows, at + DECAYS, group.config().weightDecay() == 0 ? 0 : 1);
  }

  private static void put(long[] rows, int at, double value) {
    rows[at] = Double.doubleToRawLongBits(value);
  }
}
