package io.nlar.opencl;

import io.nlar.Momentum;
import io.nlar.Scaling;
import io.nlar.spi.GroupPlan;
import java.util.List;

/** The settings of all groups as the kernels read them: a row of binary64 numbers each, laid out as in scalars.cl. */
final class GroupTable {
  private static final int ROW = 16;
  private static final int SCALING = 0;
  private static final int BOUND = 1;
  private static final int POWER = 2;
  private static final int DECAY = 3;
  private static final int RATE = 4;
  private static final int MOMENTUM = 5;
  private static final int NOISE_SCALE = 6;
  private static final int LOWER = 7;
  private static final int FLUSH = 8;
  private static final int BASE = 9;
  private static final int WEIGHT = 10;
  private static final int DECAYS = 11;
  private static final int DECAYED_RATE = 12;
  private static final int SEED = 13;

  private GroupTable() {}

  /** The rows' bits. (The seed is a bit pattern; a double would not carry each of them safely.) */
  static long[] encode(List<GroupPlan> groups) {
    return StandardArithmetic.compute(() -> rows(groups));
  }

  private static long[] rows(List<GroupPlan> groups) {
    long[] rows = new long[groups.size() * ROW];
    for (int i = 0; i < groups.size(); i++) {
      encode(groups.get(i), rows, i * ROW);
    }
    return rows;
  }

  private static void encode(GroupPlan group, long[] rows, int at) {
    put(rows, at + SCALING, scaling(group.config().scaling()));
    double[] numbers = group.rule().numbers();
    put(rows, at + BOUND, group.config().scaling().bound());
    put(rows, at + POWER, group.config().scaling() instanceof Scaling.Normalised s ? s.power() : 0);
    put(rows, at + DECAY, decay(group.config().momentum()));
    put(rows, at + RATE, numbers[0]);
    put(rows, at + MOMENTUM, numbers[1]);
    put(rows, at + NOISE_SCALE, numbers[2]);
    put(rows, at + LOWER, numbers[3]);
    put(rows, at + FLUSH, numbers[3]);
    put(rows, at + BASE, group.rule().rateBase());
    put(rows, at + WEIGHT, numbers[4]);
    put(rows, at + DECAYS, group.config().weightDecay() != 0 ? 1 : 0);
    put(rows, at + DECAYED_RATE, group.decayRate());
    rows[at + SEED] = group.seed();
  }

  private static void put(long[] rows, int at, double value) {
    rows[at] = Double.doubleToRawLongBits(value);
  }

  private static int scaling(Scaling scaling) {
    return switch (scaling) {
      case Scaling.None s -> 0;
      case Scaling.GlobalNorm s -> 1;
      case Scaling.TensorNorm s -> 2;
      case Scaling.Normalised s -> 3;
      case Scaling.Value s -> 4;
      case Scaling.Soft s -> 5;
    };
  }

  private static int decay(Momentum momentum) {
    return switch (momentum) {
      case Momentum.None m -> 0;
      case Momentum.Inverse m -> 1;
      case Momentum.InverseSqrt m -> 2;
      case Momentum.Constant m -> 3;
    };
  }
}
