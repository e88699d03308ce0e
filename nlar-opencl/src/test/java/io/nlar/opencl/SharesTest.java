package io.nlar.opencl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** How chunks are divided among work-groups. */
class SharesTest {

  private static int[] divide(int shares, long... costs) {
    return Mapping.divide(costs, shares);
  }

  @Test
  void equalChunksAreDividedEqually() {
    assertArrayEquals(new int[] {0, 2, 4, 6, 8}, divide(4, 5, 5, 5, 5, 5, 5, 5, 5));
    assertArrayEquals(new int[] {0, 1, 2, 3}, divide(3, 7, 7, 7));
    assertArrayEquals(new int[] {0, 0}, divide(1));
  }

  @Test
  void aLargeTensorIsNotOneShareBesideManySmallOnes() {
    long[] costs = new long[128 + 1000];
    Arrays.fill(costs, 10);
    Arrays.fill(costs, 500, 628, 32_768);
    assertBalanced(costs, 16);
    int[] bounds = divide(16, costs);
    assertTrue(bounds[1] > 500 && bounds[1] < 520, "the first share takes the small ones before, and some chunks");
  }

  @Test
  void noShareIsMoreThanAChunkBeyondItsPart() {
    SplittableRandom random = new SplittableRandom(1);
    for (int round = 0; round < 1000; round++) {
      assertBalanced(random.longs(random.nextInt(1, 300), 1, 1 << random.nextInt(1, 20)).toArray(),
          random.nextInt(1, 64));
    }
  }

  private static void assertBalanced(long[] costs, int shares) {
    int[] bounds = divide(shares, costs);
    assertEquals(0, bounds[0]);
    assertEquals(costs.length, bounds[shares]);
    double part = (double) Arrays.stream(costs).sum() / shares;
    long largest = Arrays.stream(costs).max().orElseThrow();
    for (int share = 0; share < shares; share++) {
      assertTrue(bounds[share] <= bounds[share + 1]);
      long cost = Arrays.stream(costs, bounds[share], bounds[share + 1]).sum();
      assertTrue(cost <= part + largest + 1, cost + " of " + part);
    }
  }
}
