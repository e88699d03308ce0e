package io.nlar.experiments;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Sequences of a text's bytes, each with the byte that follows every one of them. They do not overlap; a sequence begins
 * without what stands before it.
 */
final class TextExamples implements Examples {
  /** Into so many stretches a text is cut; every tenth is for testing. */
  private static final int STRETCHES = 100;
  private static final int TEST_EVERY = 10;

  private final byte[] text;
  private final int[] starts;
  private final int length;

  private TextExamples(byte[] text, int[] starts, int length) {
    this.text = text;
    this.starts = starts;
    this.length = length;
  }

  /**
   * The sequences to learn from, or those to be tested on.
   *
   * @param length bytes that a sequence predicts
   */
  static TextExamples of(byte[] text, int length, boolean test) {
    int count = (text.length - 1) / length;
    int[] starts = IntStream.range(0, count)
        .filter(i -> test == ((long) i * STRETCHES / count % TEST_EVERY == TEST_EVERY - 1)).map(i -> i * length).toArray();
    return new TextExamples(text, starts, length);
  }

  /** At most so many of them, evenly over the text. */
  TextExamples atMost(int most) {
    return starts.length <= most ? this : new TextExamples(text,
        IntStream.range(0, most).map(i -> starts[(int) ((long) i * starts.length / most)]).toArray(), length);
  }

  @Override
  public int count() {
    return starts.length;
  }

  @Override
  public Batch batch(NDManager scope, DataType type, int[] order, int from, int count) {
    long[] inputs = new long[count * length];
    long[] targets = new long[count * length];
    long characters = 0;
    for (int i = 0; i < count; i++) {
      int start = starts[order[from + i]];
      for (int j = 0; j < length; j++) {
        inputs[i * length + j] = text[start + j] & 0xff;
        targets[i * length + j] = text[start + j + 1] & 0xff;
        characters += begins(text[start + j + 1]) ? 1 : 0;
      }
    }
    Shape shape = new Shape(count, length);
    return new Batch(scope.create(inputs, shape), scope.create(targets, shape), characters);
  }

  /** Whether a character of UTF-8 begins with this byte; its others have the bits 10 in front. */
  private static boolean begins(byte value) {
    return (value & 0xc0) != 0x80;
  }

  @Override
  public String toString() {
    return "sequences of " + length + " bytes at " + Arrays.toString(starts);
  }
}
