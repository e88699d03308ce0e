package io.nlar.testkit;

import io.nlar.Precision;
import io.nlar.Slot;
import io.nlar.Storage;
import java.util.Arrays;
import java.util.List;

/**
 * How one element of a tensor is read from memory and written to it: docs/numerics.md, "Low precision". Where everything
 * is kept in T, numbers as they are.
 */
final class ReferenceStorage {
  private static final int SIGN = 0x80000000;
  private static final int INFINITY = 0x7F800000;

  private final Storage storage;
  private final ReferenceTensor tensor;
  private final List<Slot> slots;
  private final List<double[]> state;
  private final ReferenceRounding rounding;

  /** The elements of a tensor in a step with random bits {@code rounding}; null for reading only. */
  ReferenceStorage(ReferenceTensor tensor, List<Slot> slots, ReferenceRounding rounding) {
    this.storage = tensor.storage();
    this.tensor = tensor;
    this.slots = slots;
    this.state = slots.stream().map(tensor::state).toList();
    this.rounding = rounding;
  }

  /** θ in T. */
  double value(int i) {
    return switch (storage.master()) {
      case NONE, AUTO -> tensor.value()[i];
      case FLOAT32 -> tensor.state(Slot.MASTER)[i];
      case REMAINDER -> join(bits(tensor.value()[i]) >>> 16, (int) tensor.state(Slot.REMAINDER)[i]);
    };
  }

  void setValue(int i, double theta) {
    switch (storage.master()) {
      case NONE, AUTO ->
          tensor.value()[i] = storage.roundsValue() ? stochastic(theta, rounding.bits(tensor.spec().offset() + i) * 0x1855 & 0xFFFF) : theta;
      case FLOAT32 -> {
        tensor.state(Slot.MASTER)[i] = theta;
        tensor.value()[i] = Float.float16ToFloat((short) narrow((float) theta));
      }
      case REMAINDER -> {
        tensor.value()[i] = upper(theta);
        tensor.state(Slot.REMAINDER)[i] = lower(theta);
      }
    }
  }

  /** The bfloat16 nearest to an exact value, ties away from zero. */
  static double upper(double exact) {
    int b = bits(exact);
    boolean up = (b & ~SIGN) < INFINITY && lower(exact) >= 0x8000;
    return Float.intBitsToFloat((b >>> 16) + (up ? 1 : 0) << 16);
  }

  /** What that lacks to be the exact value. */
  static int lower(double exact) {
    return bits(exact) & 0xFFFF;
  }

  /** The exact value of a rounded upper half and a lower one; beside a zero that was written from outside, that zero. */
  static double join(int hi, int lo) {
    boolean up = lo >= 0x8000;
    if (up && (hi & 0x7FFF) == 0) {
      return Float.intBitsToFloat(hi << 16);
    }
    return Float.intBitsToFloat((hi - (up ? 1 : 0)) << 16 | lo);
  }

  /** State {@code slot}, in the order of the rule. */
  double state(int slot, int i) {
    return state.get(slot)[i];
  }

  void setState(int slot, int i, double x) {
    state.get(slot)[i] =
        storage.roundsState() ? stochastic(x, rounding.bits(tensor.spec().offset() + i) * multiplier(slots.get(slot)) & 0xFFFF) : x;
  }

  private static int multiplier(Slot slot) {
    return switch (slot) {
      case RATE -> 1;
      case WEIGHT, SQUARE -> 0x134D;
      case VELOCITY, MEAN -> 0x8529;
      case PREVIOUS -> 0x6C2D;
      case NOISE, REMAINDER, MASTER, LOG_RATE, PEAK, AVERAGED, EVIDENCE ->
          throw new IllegalArgumentException(slot + " is not rounded");
    };
  }

  /** SR(x, r): bfloat16, up with the probability of what is cut off. */
  static double stochastic(double x, int r) {
    int b = bits(x);
    int h = b >>> 16;
    if ((b & ~SIGN) < 0x7F7F0000 && (b & 0xFFFF) > r) {
      h++;
    }
    return Float.intBitsToFloat(h << 16);
  }

  /** The pattern of binary16, to nearest even. */
  static int narrow(float x) {
    int b = Float.floatToRawIntBits(x);
    int a = b & ~SIGN;
    int magnitude;
    if (a >= 0x47800000) {
      magnitude = a > INFINITY ? 0x7E00 : 0x7C00;
    } else if (a < 0x38800000) {
      magnitude = Float.floatToRawIntBits(Float.intBitsToFloat(a) + 0.5f) - 0x3F000000;
    } else {
      magnitude = a + 0xFFF + (a >>> 13 & 1) - 0x38000000 >>> 13;
    }
    return magnitude | b >>> 16 & 0x8000;
  }

  private static int bits(double x) {
    return Float.floatToRawIntBits((float) x);
  }

  /** Makes the value the exact one. */
  static void takeValue(ReferenceTensor tensor) {
    if (tensor.storage().master() == Precision.Master.REMAINDER) {
      Arrays.fill(tensor.state(Slot.REMAINDER), 0);
    } else if (tensor.storage().master() == Precision.Master.FLOAT32) {
      System.arraycopy(tensor.value(), 0, tensor.state(Slot.MASTER), 0, tensor.value().length);
    }
  }
}
