package io.nlar;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class GradientTreeTest {
  private static final int LENGTH = 3;

  private static float[] gradients(int number) {
    Random random = new Random(number);
    float[] gradients = new float[LENGTH];
    for (int i = 0; i < LENGTH; i++) {
      gradients[i] = (float) Math.scalb(random.nextGaussian(), random.nextInt(-20, 20));
    }
    return gradients;
  }

  /** The tree as its javadoc defines it. */
  private static float[] sum(int level, int index, int count) {
    if (level == 0) {
      return gradients(index);
    }
    float[] left = sum(level - 1, 2 * index, count);
    if ((2 * index + 1) << level - 1 < count) {
      float[] right = sum(level - 1, 2 * index + 1, count);
      for (int i = 0; i < LENGTH; i++) {
        left[i] += right[i];
      }
    }
    return left;
  }

  private static int height(int count) {
    int height = 0;
    while (1 << height < count) {
      height++;
    }
    return height;
  }

  private static float[] floats(MemorySegment segment) {
    return segment.toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
  }

  @Test
  void whoComputedWhichMicroBatchChangesNoBit() {
    Random random = new Random(1);
    for (int count = 1; count <= 40; count++) {
      float[] expected = sum(height(count), 0, count);
      for (int workers = 1; workers <= 5; workers++) {
        GradientTree top = new GradientTree(DType.FLOAT32, count);
        List<GradientTree.Node> shipped = new ArrayList<>();
        List<Integer> numbers = new ArrayList<>(IntStream.range(0, count).boxed().toList());
        if (workers % 2 == 0) {
          Collections.shuffle(numbers, random); // else each has some that follow each other
        }
        for (int worker = 0; worker < workers; worker++) {
          GradientTree own = new GradientTree(DType.FLOAT32, count);
          List<Integer> share = new ArrayList<>(numbers.subList(worker * count / workers, (worker + 1) * count / workers));
          Collections.shuffle(share, random);
          share.forEach(number -> own.add(number, MemorySegment.ofArray(gradients(number))));
          assertTrue(workers % 2 == 0 || own.nodes().size() <= Math.max(1, 2 * height(share.size() + 1)), () -> "" + own.nodes());
          shipped.addAll(own.nodes());
        }
        Collections.shuffle(shipped, random);
        assertFalse(top.complete());
        shipped.forEach(top::add);
        assertTrue(top.complete());
        assertArrayEquals(expected, floats(top.sum()), 0, count + " micro-batches, " + workers + " workers");
      }
    }
  }

  @Test
  void theAverageIsTheSumDividedByTheNumberOfMicroBatches() {
    GradientTree tree = new GradientTree(DType.FLOAT64, 3);
    for (int i = 2; i >= 0; i--) {
      tree.add(i, MemorySegment.ofArray(new double[] {0.1 * i, -1}));
    }
    assertArrayEquals(new double[] {((0.0 + 0.1) + 0.2) / 3, -1}, tree.average().toArray(ValueLayout.JAVA_DOUBLE), 0);
    assertThrows(CallOrderException.class, tree::average);
  }

  /** Heap and native memory, from any byte on, of more elements than are added at a time. */
  @Test
  void longGradientsAreAddedWhereverTheyLie() {
    int length = 5001;
    for (DType type : DType.arithmetics()) {
      GradientTree tree = new GradientTree(type, 2);
      MemorySegment first = Arena.ofAuto().allocate((long) length * type.bytes() + 1).asSlice(1);
      MemorySegment second = type.bytes() == 4 ? MemorySegment.ofArray(new float[length])
          : MemorySegment.ofArray(new double[length]);
      Random random = new Random(3);
      double[] expected = new double[length];
      for (int i = 0; i < length; i++) {
        double a = type.round(random.nextGaussian());
        double b = type.round(random.nextGaussian());
        set(type, first, i, a);
        set(type, second, i, b);
        expected[i] = type.round(type.round(a + b) / 2);
      }
      tree.add(1, second);
      tree.add(0, first);
      MemorySegment average = tree.average();
      assertEquals(first.address(), average.address());
      for (int i = 0; i < length; i++) {
        assertEquals(expected[i], type.bytes() == 4 ? average.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * i)
            : average.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, 8L * i), type + " " + i);
      }
    }
  }

  private static void set(DType type, MemorySegment segment, int i, double value) {
    if (type.bytes() == 4) {
      segment.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * i, (float) value);
    } else {
      segment.set(ValueLayout.JAVA_DOUBLE_UNALIGNED, 8L * i, value);
    }
  }

  @Test
  void whatIsMissingIsNamed() {
    GradientTree tree = new GradientTree(DType.FLOAT32, 7);
    for (int number : new int[] {0, 1, 2, 4, 5, 6}) {
      tree.add(number, MemorySegment.ofArray(gradients(number)));
    }
    CallOrderException refused = assertThrows(CallOrderException.class, tree::sum);
    assertTrue(refused.getMessage().contains("micro-batch 3 of 7"), refused.getMessage());
  }

  @Test
  void whatDoesNotFitIsRefused() {
    GradientTree tree = new GradientTree(DType.FLOAT32, 6);
    tree.add(2, MemorySegment.ofArray(gradients(2)));
    tree.add(3, MemorySegment.ofArray(gradients(3)));
    refused(tree, 3, LENGTH, "micro-batch 3");
    refused(tree, 6, LENGTH, "no node 6 of level 0");
    refused(tree, -1, LENGTH, "no node -1");
    refused(tree, 4, LENGTH + 1, "16 bytes; expected 12");
    ParameterException twice = assertThrows(ParameterException.class,
        () -> tree.add(new GradientTree.Node(2, 0, MemorySegment.ofArray(new float[LENGTH]))));
    assertTrue(twice.getMessage().contains("micro-batch 2"), twice.getMessage());
    assertEquals(1, tree.nodes().size());
    assertThrows(SettingException.class, () -> new GradientTree(DType.BFLOAT16, 2));
    assertThrows(SettingException.class, () -> new GradientTree(DType.FLOAT32, 0));
  }

  private static void refused(GradientTree tree, int number, int length, String words) {
    ParameterException refused =
        assertThrows(ParameterException.class, () -> tree.add(number, MemorySegment.ofArray(new float[length])));
    assertTrue(refused.getMessage().contains(words), refused.getMessage());
  }
}
