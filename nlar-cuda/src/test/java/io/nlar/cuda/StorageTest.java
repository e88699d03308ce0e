package io.nlar.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.nlar.DType;
import io.nlar.Device;
import io.nlar.Momentum;
import io.nlar.Precision;
import io.nlar.Scaling;
import io.nlar.StepConfig;
import io.nlar.spi.TensorPlan;
import io.nlar.spi.queue.StepTables;
import io.nlar.spi.queue.Struct;
import io.nlar.testkit.DeviceModel;
import io.nlar.testkit.GroupSpec;
import io.nlar.testkit.HostValues;
import io.nlar.testkit.Layout;
import io.nlar.testkit.TensorSpec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Random bits and conversions of kernels/storage.cuh against the test vectors and formulas of docs/numerics.md, "Low
 * precision": all that 16 bits hold, and floats of every exponent.
 */
class StorageTest {
  private static final int WEIGHT = 0x134D;
  private static final int VELOCITY = 0x8529;
  private static final int VALUE = 0x1855;
  private static final int INFINITY = 0x7F800000;
  private static final int ABSOLUTE = 0x7FFFFFFF;
  /** Fractions at which a rounding to 7 or 10 bits, or the half of 16, turns. */
  private static final int[] FRACTIONS = {0, 1, 0xFFF, 0x1000, 0x1001, 0x1FFF, 0x2000, 0x2FFF, 0x3000, 0x3001, 0x7FFF,
      0x8000, 0x8001, 0xFFFF, 0x10000, 0x17FFF, 0x18000, 0x18001, 0x3FFFFF, 0x400000, 0x7EFFFF, 0x7F0000, 0x7F7FFF,
      0x7F8000, 0x7FEFFF, 0x7FF000, 0x7FFFFE, 0x7FFFFF};

  private static HostStorage storage;

  @BeforeAll
  static void compile() {
    Assumptions.assumeTrue(HostKernels.available(), "there is no g++ to compile the conversions for the host");
    storage = new HostStorage();
  }

  /** The lower and the upper element of a word. */
  private static int half(int word, int element) {
    return element % 2 == 0 ? word & 0xFFFF : word >>> 16;
  }

  /** All patterns of 16 bits, in words; {@code step} is odd, so that each is met in both halves' company. */
  private static int[] allWords(int step) {
    return IntStream.range(0, 0x8000).map(i -> 2 * i * step & 0xFFFF | ((2 * i + 1) * step & 0xFFFF) << 16).toArray();
  }

  /** Signs, every exponent and the fractions above. */
  private static int[] edges() {
    return IntStream.range(0, 512).flatMap(head -> IntStream.of(FRACTIONS).map(fraction -> head << 23 | fraction))
        .toArray();
  }

  private static void assertRandom(long key, long t, long i, long roundingKey, int r, int weight, int velocity, int value) {
    assertEquals(roundingKey, storage.key(key, t, i));
    int word = storage.random(roundingKey, i - i % 2);
    assertEquals(r, half(word, (int) (i % 2)));
    int[] multipliers = {1, WEIGHT, VELOCITY, VALUE};
    int[] expected = {r, weight, velocity, value};
    for (int slot = 0; slot < 4; slot++) {
      // What is cut off is carried where it is more than the slot's random bits, and only there.
      int[] around = {0x3F800000 | expected[slot], 0x3F800000 | expected[slot]};
      int[] above = {around[0] + 1, around[1] + 1};
      assertEquals(0x3F80, half(storage.stochastic(around, word, multipliers[slot])[0], (int) (i % 2)));
      assertEquals(0x3F81, half(storage.stochastic(above, word, multipliers[slot])[0], (int) (i % 2)));
    }
  }

  @Test
  void randomBits() {
    assertRandom(0, 1, 0, 0x2FF145472E2746D6L, 0x31D8, 0x05F8, 0x3398, 0xCCB8);
    assertRandom(0, 1, 1, 0x2FF145472E2746D6L, 0x634C, 0x81DC, 0x632C, 0x183C);
    assertRandom(0, 1, 2, 0x2FF145472E2746D6L, 0x96DA, 0x8D92, 0x6AEA, 0x8662);
    assertRandom(0, 1, (1L << 33) + 5, 0x7B575A03C5870447L, 0x0C61, 0xEC2D, 0x6089, 0x3435);
    assertRandom(0x0123456789ABCDEFL, 2, 1000, 0x66DF20C2998B59C7L, 0xCB79, 0x2E65, 0x7361, 0xE72D);
  }

  @Test
  void everyBfloat16IsWidened() {
    for (int step : new int[] {1, 7919}) {
      int[] words = allWords(step);
      int[] opened = storage.openBfloat16(words);
      for (int i = 0; i < opened.length; i++) {
        assertEquals(half(words[i / 2], i) << 16, opened[i]);
      }
    }
  }

  @Test
  void everyFloat16IsWidened() {
    for (int step : new int[] {1, 7919}) {
      int[] words = allWords(step);
      int[] opened = storage.openFloat16(words);
      for (int i = 0; i < opened.length; i++) {
        int h = half(words[i / 2], i);
        boolean nan = (h & 0x7FFF) > 0x7C00;
        int expected = nan ? (h & 0x7FFF) << 13 | INFINITY | h << 16 & ~ABSOLUTE
            : Float.floatToRawIntBits(Float.float16ToFloat((short) h));
        assertEquals(expected, opened[i], () -> Integer.toHexString(h));
      }
    }
  }

  @Test
  void float16IsToNearestEven() {
    int[] edges = edges();
    int[][] kept = storage.float16(edges);
    assertArrayEquals(edges, kept[1]);
    for (int i = 0; i < edges.length; i++) {
      float x = Float.intBitsToFloat(edges[i]);
      int expected = Float.isNaN(x) ? 0x7E00 | edges[i] >>> 16 & 0x8000 : Float.floatToFloat16(x) & 0xFFFF;
      assertEquals(expected, half(kept[0][i / 2], i), Integer.toHexString(edges[i]));
    }
  }

  @Test
  void stochasticRoundingCarriesWhatIsMoreAndKeepsWhatIsFiniteFinite() {
    int[] edges = edges();
    for (int random : new int[] {0, 0x0001FFFF, 0x7FFF8000, 0x80007FFF, 0xFFFE0001, 0xFFFFFFFF, 0x12345678}) {
      for (int multiplier : new int[] {1, WEIGHT, VELOCITY, VALUE}) {
        int[] words = storage.stochastic(edges, random, multiplier);
        for (int i = 0; i < edges.length; i++) {
          int b = edges[i];
          int r = half(random, i) * multiplier & 0xFFFF;
          boolean up = (b & ABSOLUTE) < 0x7F7F0000 && (b & 0xFFFF) > r;
          assertEquals((b >>> 16) + (up ? 1 : 0), half(words[i / 2], i), Integer.toHexString(b));
        }
      }
    }
  }

  @Test
  void whatIsSplitIsTheNearestAndIsJoinedAgain() {
    int[] edges = edges();
    int[][] halves = storage.split(edges);
    int[] joined = storage.join(halves[0], halves[1]);
    for (int i = 0; i < edges.length; i++) {
      int b = edges[i];
      int lower = b & 0xFFFF;
      assertEquals((b >>> 16) + ((b & ABSOLUTE) < INFINITY ? lower >>> 15 : 0), half(halves[0][i / 2], i));
      assertEquals(lower, half(halves[1][i / 2], i));
      if ((b & ABSOLUTE) <= INFINITY) {
        assertEquals(b, joined[i]);
      }
    }
  }

  /** Whatever is behind it. */
  @Test
  void aZeroThatWasWrittenFromOutsideStaysOne() {
    int[] upper = {0x80000000, 0x80000000, 0x00008000};
    int[] lower = {0x8000FFFF, 0x7FFF0001, 0xFFFF8000};
    assertArrayEquals(new int[] {0, 0x80000000, 1, 0x80007FFF, 0x80000000, 0}, storage.join(upper, lower));
  }

  /**
   * A step moves the tables so that a tensor's first element counts as element 2³³ and more: the random bits are those of
   * another key.
   */
  @Test
  void elementsBeyondTwoToTheThirtyThreeHaveTheOtherKey() {
    long first = (1L << 33) + 3 * LaunchShape.CHUNK;
    int length = LaunchShape.CHUNK + 5;
    Precision precision = new Precision(Precision.State.FULL, Precision.Master.NONE, 77);
    StepConfig config = StepConfig.nlarsm().withScaling(new Scaling.None()).withMomentum(new Momentum.None())
        .withLearningRate(0.3).withPrecision(precision);
    List<GroupSpec> groups = List.of(GroupSpec.of(config, DType.BFLOAT16, new TensorSpec("w", length)));
    try (Device device = HostCuda.open(new Moving(first)); DeviceModel model = new DeviceModel(device, groups, Layout.ALLOCATED)) {
      double[] values = new double[length];
      double[] gradients = IntStream.range(0, length).mapToDouble(i -> DType.BFLOAT16.round(Math.sin(i + 1))).toArray();
      HostValues.write(model.value("w"), values);
      HostValues.write(model.gradient("w"), gradients);
      model.step().run();
      double[] after = HostValues.read(model.value("w"));
      long key = storage.key(77 ^ new TensorPlan(0, "w", 0, length).nameHash(), 1, first);
      for (int i = 0; i < length; i += 2) {
        int[] exact = {theta(gradients, i), theta(gradients, i + 1)};
        int word = storage.stochastic(exact, storage.random(key, first + i), VALUE)[0];
        for (int j = i; j < Math.min(i + 2, length); j++) {
          assertEquals(Float.intBitsToFloat(half(word, j) << 16), after[j], "element " + j);
        }
      }
    }
  }

  /** The pattern of 0 - 0.3 g, which has bits to cut off. */
  private static int theta(double[] gradients, int i) {
    return i < gradients.length ? Float.floatToRawIntBits(0 - 0.3f * (float) gradients[i]) : 0;
  }

  /** Moves the one tensor of a step in its tables while an update runs. */
  private static final class Moving extends HostDriver {
    private final long elements;

    Moving(long elements) {
      super(1L << 30);
      this.elements = elements;
    }

    private static long offset(Struct struct, String field) {
      return struct.fields().stream().filter(f -> f.name().equals(field)).findFirst().orElseThrow().offset();
    }

    @Override
    void launched(String name, MemorySegment entry, int threadBlocks, int threads, MemorySegment arguments) {
      move(arguments, 1);
      super.launched(name, entry, threadBlocks, threads, arguments);
      move(arguments, -1);
    }

    private void move(MemorySegment arguments, int sign) {
      long tensors = arguments.get(ValueLayout.JAVA_LONG, offset(StepArguments.ARGUMENTS, "tensors"));
      MemorySegment tensor = at(tensors, StepTables.TENSOR.bytes());
      add(tensor, offset(StepTables.TENSOR, "value"), -sign * elements * Short.BYTES);
      add(tensor, offset(StepTables.TENSOR, "gradient"), -sign * elements * Short.BYTES);
      add(tensor, offset(StepTables.TENSOR, "length"), sign * elements);
      int chunks = arguments.get(ValueLayout.JAVA_INT, offset(StepArguments.ARGUMENTS, "chunkCount"));
      long table = arguments.get(ValueLayout.JAVA_LONG, offset(StepArguments.ARGUMENTS, "chunks"));
      for (int i = 0; i < chunks; i++) {
        MemorySegment chunk = at(table + (long) i * StepTables.CHUNK.bytes(), StepTables.CHUNK.bytes());
        long number = offset(StepTables.CHUNK, "number");
        chunk.set(ValueLayout.JAVA_INT, number,
            chunk.get(ValueLayout.JAVA_INT, number) + sign * (int) (elements / LaunchShape.CHUNK));
      }
    }

    private static void add(MemorySegment record, long offset, long more) {
      record.set(ValueLayout.JAVA_LONG, offset, record.get(ValueLayout.JAVA_LONG, offset) + more);
    }
  }
}
