package io.nlar.experiments;

import io.nlar.cli.CommandFailedException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/**
 * How often one word of a text stands shortly before another: pairs that do so at least twice, and the logarithm of how often,
 * in an order that is drawn once.
 *
 * @param words how many words are told apart: the most frequent ones
 * @param before number of the word that stands before, for each pair
 * @param after number of the other
 * @param logarithm of how often
 */
record Cooccurrences(int words, int[] before, int[] after, float[] logarithm) {
  /** How far apart two words may be. */
  static final int WINDOW = 5;
  private static final int LEAST = 2;
  private static final long ORDER_SEED = 0;

  /**
   * Counts.
   *
   * @param most how many words are told apart at most
   */
  static Cooccurrences of(Corpus corpus, int most) {
    String[] text = Arrays.stream(new String(corpus.text(), StandardCharsets.UTF_8).toLowerCase(Locale.ROOT)
        .split("[^\\p{L}]+")).filter(word -> !word.isEmpty()).toArray(String[]::new);
    int[] numbers = numbers(text, most);
    int words = Arrays.stream(numbers).max().orElse(-1) + 1;
    long[] pairs = new long[text.length * WINDOW];
    int count = 0;
    for (int i = 0; i < text.length; i++) {
      for (int j = i + 1; j < Math.min(text.length, i + 1 + WINDOW); j++) {
        if (numbers[i] >= 0 && numbers[j] >= 0) {
          pairs[count++] = (long) numbers[i] * words + numbers[j];
        }
      }
    }
    Arrays.sort(pairs, 0, count);
    return grouped(corpus, words, pairs, count);
  }

  /** Each word's number, by frequency and alphabet; -1 for words that are not among the most frequent. */
  private static int[] numbers(String[] text, int most) {
    Map<String, Integer> counts = new HashMap<>();
    for (String word : text) {
      counts.merge(word, 1, Integer::sum);
    }
    Map<String, Integer> numbers = new HashMap<>();
    counts.entrySet().stream()
        .sorted(Map.Entry.<String, Integer>comparingByValue().reversed().thenComparing(Map.Entry.comparingByKey()))
        .limit(most).forEach(entry -> numbers.put(entry.getKey(), numbers.size()));
    return Arrays.stream(text).mapToInt(word -> numbers.getOrDefault(word, -1)).toArray();
  }

  private static Cooccurrences grouped(Corpus corpus, int words, long[] pairs, int count) {
    int[] ends = new int[count];
    int cells = 0;
    for (int i = 0, start = 0; i < count; i++) {
      if (i + 1 == count || pairs[i + 1] != pairs[i]) {
        if (i + 1 - start >= LEAST) {
          ends[cells++] = i + 1;
        }
        start = i + 1;
      }
    }
    if (cells == 0) {
      throw new CommandFailedException(corpus.source() + " has no two words that stand near each other twice; a longer text is"
          + " needed");
    }
    int[] order = Arrays.copyOf(ends, cells);
    Recipe.shuffle(order, new Random(ORDER_SEED));
    Cooccurrences all = new Cooccurrences(words, new int[cells], new int[cells], new float[cells]);
    for (int cell = 0; cell < cells; cell++) {
      long pair = pairs[order[cell] - 1];
      int times = 0;
      for (int i = order[cell] - 1; i >= 0 && pairs[i] == pair; i--) {
        times++;
      }
      all.before[cell] = (int) (pair / words);
      all.after[cell] = (int) (pair % words);
      all.logarithm[cell] = (float) Math.log(times);
    }
    return all;
  }

  int count() {
    return logarithm.length;
  }
}
