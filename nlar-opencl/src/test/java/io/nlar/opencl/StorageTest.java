package io.nlar.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.Buffer;
import io.nlar.DType;
import io.nlar.spi.queue.QueueBuffer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** storage.cl by itself: all patterns of 16 bits, all exponents, the random bits of docs/numerics.md, "Low precision". */
class StorageTest {
  /** Work-items that take VEC words each, which hold elements of 16 bits too. */
  private static final String KERNELS = """
      ushortv halves(__global const uint *x, uint i) { return JOIN(convert_ushort, VEC)(LOAD(0, x + i)); }
      void put(ushortv h, __global uint *x, uint i) { STORE(JOIN(convert_uint, VEC)(h), 0, x + i); }
      #define EACH(name, action) \\
      __kernel void name(__global const uint *a, __global const uint *b, __global uint *c, __global uint *d) { \\
        uint i = (uint) get_global_id(0) * VEC; \\
        action \\
      }
      #define BITS(x) STORE(BITS_OF(to_memory(x)), 0, c + i);
      #define REALS from_memory(REAL_OF(LOAD(0, a + i)))
      EACH(widen_bfloat16s, BITS(widen_bfloat16(halves(a, i))))
      EACH(widen_float16s, BITS(widen_float16(halves(a, i))))
      #if PAIRED
      EACH(joined, BITS(join_remainder(halves(a, i), halves(b, i))))
      EACH(rounded, put(round_bfloat16(REALS, halves(b, i)), c, i);)
      EACH(narrowed, put(narrow_float16(REALS), c, i);)
      EACH(split, ushortv r; put(split_remainder(REALS, &r), c, i); put(r, d, i);)
      __kernel void draw(ulong key, ulong t, ulong first, __global uint *c) {
        uint i = (uint) get_global_id(0) * VEC;
        put(random_bits(rounding_key(key, t, first), first + i), c, i);
      }
      #endif
      """;

  private static final int[] FRACTIONS = {0, 1, 2, 0xFFF, 0x1000, 0x1001, 0x1FFF, 0x2000, 0x2FFF, 0x3000, 0x3001,
      0x7FFE, 0x7FFF, 0x8000, 0x8001, 0xFFFE, 0xFFFF, 0x10000, 0x17FFF, 0x18000, 0x18001, 0x3FFFFF, 0x400000, 0x7EFFFF,
      0x7F0000, 0x7F7FFF, 0x7F8000, 0x7FDFFF, 0x7FE000, 0x7FEFFF, 0x7FF000, 0x7FFFFF};

  private CommandQueue queue;
  private OpenClDevice device;
  private String source;
  private String options;
  private int vector;

  private void open() {
    device = TestDevices.open(TestDevices.facts(), handle -> queue = new CommandQueue(handle));
  }

  /** Vectors as in an update: in pairs. */
  private void update(int vec) {
    open();
    source = Sources.CHECK;
    options = Sources.checkOptions(new Mapping(1, 1, vec * Float.BYTES, 1), TestDevices.facts().roundedDivision());
    vector = vec;
  }

  /** Vectors as in a reduction: in the order of memory. */
  private void reduction(Mapping mapping, int vec) {
    open();
    source = Sources.REDUCE;
    options = Sources.reduceOptions(DType.BFLOAT16, mapping, TestDevices.facts().roundedDivision());
    vector = vec;
  }

  @AfterEach
  void close() {
    device.close();
  }

  private Kernel kernel(String name, int count) {
    return new Kernel(device.programs().kernel(name, source + KERNELS, options), count / vector, 1);
  }

  private QueueBuffer buffer(int... words) {
    Buffer buffer = device.allocate(DType.FLOAT32, words.length);
    buffer.copyFrom(MemorySegment.ofArray(words));
    return (QueueBuffer) buffer;
  }

  private static int[] read(Buffer buffer) {
    int[] words = new int[Math.toIntExact(buffer.length())];
    buffer.copyTo(MemorySegment.ofArray(words));
    return words;
  }

  /** What a kernel makes of a and b: c, then d. */
  private int[][] run(String name, int[] a, int[] b) {
    QueueBuffer[] all = {buffer(a), buffer(b), buffer(new int[a.length]), buffer(new int[a.length])};
    Kernel kernel = kernel(name, a.length);
    for (QueueBuffer each : all) {
      kernel.memory(((MemoryObject) each.memory()).handle());
    }
    kernel.launch(queue);
    queue.finish();
    kernel.release();
    return new int[][] {read(all[2]), read(all[3])};
  }

  private static int[] everyPattern() {
    return IntStream.range(0, 0x10000).toArray();
  }

  /** Signs, every exponent, and fractions at which a rounding turns; and any numbers. */
  private static int[] numbers() {
    SplittableRandom random = new SplittableRandom(1);
    return IntStream.concat(
        IntStream.range(0, 512).flatMap(high -> Arrays.stream(FRACTIONS).map(fraction -> high << 23 | fraction)),
        random.ints(1 << 16)).toArray();
  }

  private static void assertBits(int expected, int was, String of) {
    assertEquals(Integer.toHexString(expected), Integer.toHexString(was), of);
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 8, 16})
  void everyPatternIsWidenedInPairs(int vec) {
    update(vec);
    assertEveryPatternWidened();
  }

  @Test
  void everyPatternIsWidenedInTheOrderOfMemory() {
    reduction(new Mapping(1, 1, 64, 1), 16);
    assertEveryPatternWidened();
    close();
    reduction(Mapping.gpu(1, 32), 4);
    assertEveryPatternWidened();
  }

  private void assertEveryPatternWidened() {
    int[] patterns = everyPattern();
    int[] bfloat16 = run("widen_bfloat16s", patterns, patterns)[0];
    int[] float16 = run("widen_float16s", patterns, patterns)[0];
    for (int h : patterns) {
      assertBits(h << 16, bfloat16[h], "bfloat16 " + h);
      float x = Float.float16ToFloat((short) h);
      if (Float.isNaN(x)) {
        assertTrue(Float.isNaN(Float.intBitsToFloat(float16[h])), "float16 " + h);
      } else {
        assertBits(Float.floatToRawIntBits(x), float16[h], "float16 " + h);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 8, 16})
  void numbersAreNarrowedToNearestEven(int vec) {
    update(vec);
    int[] numbers = numbers();
    int[] narrowed = run("narrowed", numbers, numbers)[0];
    for (int i = 0; i < numbers.length; i++) {
      float x = Float.intBitsToFloat(numbers[i]);
      int expected = Float.isNaN(x) ? 0x7E00 | numbers[i] >>> 16 & 0x8000 : Float.floatToFloat16(x) & 0xFFFF;
      assertBits(expected, narrowed[i], Float.toHexString(x));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 8, 16})
  void numbersAreRoundedByRandomBits(int vec) {
    update(vec);
    int[] numbers = numbers();
    for (int shift : new int[] {-1, 0, 1}) { // around the one at which the rounding turns
      int[] r = Arrays.stream(numbers).map(b -> b + shift & 0xFFFF).toArray();
      assertRounded(numbers, r);
    }
    for (int each : new int[] {0, 0x7FFF, 0xFFFF}) {
      int[] r = new int[numbers.length];
      Arrays.fill(r, each);
      assertRounded(numbers, r);
    }
  }

  private void assertRounded(int[] numbers, int[] r) {
    int[] rounded = run("rounded", numbers, r)[0];
    for (int i = 0; i < numbers.length; i++) {
      boolean room = (numbers[i] & Integer.MAX_VALUE) < 0x7F7F0000; // what is finite stays finite
      int up = room && (numbers[i] & 0xFFFF) > r[i] ? 1 : 0;
      assertBits((numbers[i] >>> 16) + up, rounded[i], Integer.toHexString(numbers[i]) + " by " + r[i]);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 8, 16})
  void numbersAreSplitAndJoined(int vec) {
    update(vec);
    int[] numbers = numbers();
    int[][] split = run("split", numbers, numbers);
    int[] joined = run("joined", split[0], split[1])[0];
    for (int i = 0; i < numbers.length; i++) {
      // Ties away from zero: half of the last place is added. A NaN, to which that could do anything, is cut.
      boolean finite = Float.isFinite(Float.intBitsToFloat(numbers[i]));
      int nearest = finite ? numbers[i] + 0x8000 >>> 16 : numbers[i] >>> 16;
      assertBits(nearest, split[0][i], Integer.toHexString(numbers[i]));
      assertBits(numbers[i] & 0xFFFF, split[1][i], Integer.toHexString(numbers[i]));
      if (!Float.isNaN(Float.intBitsToFloat(numbers[i]))) {
        assertBits(numbers[i], joined[i], "joined again");
      }
    }
  }

  /** Where somebody wrote another value, its remainder is what is left of the one before. */
  @ParameterizedTest
  @ValueSource(ints = {4, 8, 16})
  void everyPatternIsJoinedToAnyRemainder(int vec) {
    update(vec);
    int[] patterns = everyPattern();
    for (int remainder : new int[] {0, 1, 0x7FFF, 0x8000, 0x8001, 0xFFFF}) {
      int[] low = new int[patterns.length];
      Arrays.fill(low, remainder);
      int[] joined = run("joined", patterns, low)[0];
      for (int h : patterns) {
        boolean up = remainder >= 0x8000;
        int expected = up && (h & 0x7FFF) == 0 ? h << 16 : h - (up ? 1 : 0) << 16 | remainder;
        assertBits(expected, joined[h], h + " and " + remainder);
      }
    }
  }

  /** r of an element. */
  private int draw(long key, long t, long element) {
    QueueBuffer drawn = buffer(new int[vector]);
    Kernel kernel = kernel("draw", vector);
    kernel.place(key).place(t).place(element / vector * vector).memory(((MemoryObject) drawn.memory()).handle())
        .launch(queue);
    queue.finish();
    kernel.release();
    return read(drawn)[(int) (element % vector)];
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 8, 16})
  void randomBitsAreThoseOfTheNumerics(int vec) {
    update(vec);
    assertBits(0x31D8, draw(0, 1, 0), "element 0");
    assertBits(0x634C, draw(0, 1, 1), "element 1");
    assertBits(0x96DA, draw(0, 1, 2), "element 2");
    assertBits(0x0C61, draw(0, 1, (1L << 33) + 5), "element 2^33 + 5");
    assertBits(0xCB79, draw(0x0123456789ABCDEFL, 2, 1000), "element 1000");
  }
}
