package io.nlar.experiments;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.zip.GZIPInputStream;

/**
 * The embedded data set: 1 797 hand-written digits of 8 × 8 pixels with values 0 … 16 (the test half of the UCI data set
 * "Optical Recognition of Handwritten Digits", as scikit-learn ships it). Every fifth image is for testing.
 */
final class Digits {
  private static final int SIZE = 64;
  private static final int WHITEST = 16;
  private static final int TEST_EVERY = 5;

  private Digits() {}

  static DataSet read() throws IOException {
    List<String> lines;
    try (var reader = new BufferedReader(new InputStreamReader(new GZIPInputStream(Objects.requireNonNull(
        Digits.class.getResourceAsStream("digits.csv.gz"))), StandardCharsets.US_ASCII))) {
      lines = reader.lines().toList();
    }
    int tests = (lines.size() + TEST_EVERY - 1) / TEST_EVERY;
    ImageSet test = new ImageSet(new byte[tests * SIZE], new byte[tests], SIZE, WHITEST);
    int rest = lines.size() - tests;
    ImageSet training = new ImageSet(new byte[rest * SIZE], new byte[rest], SIZE, WHITEST);
    for (int i = 0; i < lines.size(); i++) {
      int tested = (i + TEST_EVERY - 1) / TEST_EVERY;
      if (i % TEST_EVERY == 0) {
        parse(lines.get(i), test, i / TEST_EVERY);
      } else {
        parse(lines.get(i), training, i - tested);
      }
    }
    return new DataSet(training, test, "embedded 8x8 digits");
  }

  private static void parse(String line, ImageSet target, int image) {
    String[] values = line.split(",");
    for (int j = 0; j < SIZE; j++) {
      target.pixels()[image * SIZE + j] = Byte.parseByte(values[j]);
    }
    target.labels()[image] = Byte.parseByte(values[SIZE]);
  }
}
