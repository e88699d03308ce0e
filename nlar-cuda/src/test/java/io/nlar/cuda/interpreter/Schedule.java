package io.nlar.cuda.interpreter;

import java.util.SplittableRandom;

/**
 * In which order thread blocks and their warps run; a GPU promises none.
 *
 * @param order see {@link Order}
 * @param seed of what is left to chance
 */
public record Schedule(Order order, long seed) {
  /** Thread blocks that are interleaved. */
  private static final int RESIDENT = 6;

  /** An order. */
  public enum Order {
    /** One thread block after the other, warps too, from the first to the last. */
    ASCENDING,
    /** From the last to the first. */
    DESCENDING,
    /** One thread block after the other, in any order; warps too. */
    RANDOM,
    /** Several thread blocks at a time, from which a warp is chosen by chance for a few instructions. */
    INTERLEAVED
  }

  /** An order with nothing left to chance. */
  public static Schedule of(Order order) {
    return new Schedule(order, 1);
  }

  int resident() {
    return order == Order.INTERLEAVED ? RESIDENT : 1;
  }

  /** The numbers from 0 to {@code count - 1} in this order. */
  int[] numbers(int count, SplittableRandom random) {
    int[] numbers = new int[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = order == Order.DESCENDING ? count - 1 - i : i;
    }
    if (order == Order.RANDOM || order == Order.INTERLEAVED) {
      for (int i = count - 1; i > 0; i--) {
        int j = random.nextInt(i + 1);
        int other = numbers[i];
        numbers[i] = numbers[j];
        numbers[j] = other;
      }
    }
    return numbers;
  }
}
