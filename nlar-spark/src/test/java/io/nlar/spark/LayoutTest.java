package io.nlar.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.Part;
import io.nlar.StepConfig;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LayoutTest {
  private static Layout layout(int workers, int... lengths) {
    Map<String, Integer> named = new LinkedHashMap<>();
    for (int length : lengths) {
      named.put("p" + named.size(), length);
    }
    return new Layout(List.of(new Layout.Group(StepConfig.nlarcm(), 0, lengths.length)), named, workers);
  }

  @Test
  void sharesFollowEachOtherBeginWherePartsMayAndAreAsEqualAsBlocksAllow() {
    SplittableRandom random = new SplittableRandom(3);
    for (int round = 0; round < 500; round++) {
      int[] lengths = random.ints(random.nextInt(1, 30), 0, random.nextInt(1, 9000)).toArray();
      int workers = random.nextInt(1, 9);
      Layout layout = layout(workers, lengths);
      assertEquals(0, layout.share(0));
      assertEquals(layout.elements(), layout.share(workers));
      for (int worker = 0; worker < workers; worker++) {
        assertTrue(layout.shareLength(worker) >= 0);
        assertTrue(layout.shareLength(worker) <= layout.elements() / workers + Part.UNIT, () -> layout.elements() + " " + workers);
        long sum = 0;
        for (int i = 0; i < lengths.length; i++) {
          new Part(layout.partBegin(worker, i), lengths[i]); // refuses where no part may begin
          sum += layout.partEnd(worker, i) - layout.partBegin(worker, i);
        }
        assertEquals(layout.shareLength(worker), sum);
      }
    }
  }

  @Test
  void blocksAreThoseOfWholeParameters() {
    Layout layout = layout(2, 1025, 0, 10, 2048);
    assertEquals(0, layout.blocksBefore(0));
    assertEquals(2 + 0 + 1 + 2, layout.blocksBefore(2));
    assertEquals(1025 + 10 + 1024, layout.share(1), "the first place from the middle, 1541, on");
    assertEquals(2 + 1 + 1, layout.blocksBefore(1));
  }

  @Test
  void copiesAcrossParameters() {
    Layout layout = layout(1, 3, 0, 2, 5);
    float[][] arrays = {{0, 1, 2}, {}, {3, 4}, {5, 6, 7, 8, 9}};
    byte[] all = new byte[10 * Float.BYTES];
    layout.gather(arrays, 0, MemorySegment.ofArray(all));
    for (int i = 0; i < 10; i++) {
      assertEquals(i, MemorySegment.ofArray(all).get(ValueLayout.JAVA_FLOAT_UNALIGNED, i * Float.BYTES));
    }
    for (int begin = 0; begin < all.length; begin++) {
      for (int end = begin + 1; end <= all.length; end++) { // in the middle of elements too
        byte[] run = new byte[end - begin];
        layout.gather(arrays, begin, MemorySegment.ofArray(run));
        assertArrayEquals(Arrays.copyOfRange(all, begin, end), run);
        float[][] copy = layout.arrays();
        layout.scatter(MemorySegment.ofArray(run), begin, copy);
        byte[] expected = new byte[all.length];
        System.arraycopy(all, begin, expected, begin, end - begin);
        byte[] copied = new byte[all.length];
        layout.gather(copy, 0, MemorySegment.ofArray(copied));
        assertArrayEquals(expected, copied);
      }
    }
    assertArrayEquals(new float[] {3, 4}, layout.named(arrays).get("p2"));
  }
}
