package io.nlar.tribuo;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import org.tribuo.MutableDataset;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.impl.ArrayExample;
import org.tribuo.provenance.SimpleDataSourceProvenance;

/** The 1 797 handwritten digits that {@code ./nlar train} learns, as Tribuo's data sets. */
record Digits(MutableDataset<Label> training, MutableDataset<Label> test) {
  private static final int PIXELS = 64;
  private static final double WHITEST = 16;
  static final int FOLDS = 5;
  private static final String[] NAMES = IntStream.range(0, PIXELS).mapToObj("pixel%02d"::formatted)
      .toArray(String[]::new);

  /**
   * Reads them.
   *
   * @param fold which fifth is for testing, 0 to 4
   * @param sparse leaves black pixels out, so that Tribuo's vectors and gradients are sparse
   */
  static Digits read(int fold, boolean sparse) throws IOException {
    List<String> lines;
    try (var reader = new BufferedReader(new InputStreamReader(new GZIPInputStream(Objects.requireNonNull(
        Digits.class.getResourceAsStream("/digits.csv.gz"))), StandardCharsets.US_ASCII))) {
      lines = reader.lines().toList();
    }
    MutableDataset<Label> training = empty("training");
    MutableDataset<Label> test = empty("test");
    for (int i = 0; i < lines.size(); i++) {
      (i % FOLDS == fold ? test : training).add(example(lines.get(i), sparse));
    }
    return new Digits(training, test);
  }

  private static MutableDataset<Label> empty(String name) {
    LabelFactory labels = new LabelFactory();
    return new MutableDataset<>(new SimpleDataSourceProvenance(name, OffsetDateTime.MIN, labels), labels);
  }

  private static ArrayExample<Label> example(String line, boolean sparse) {
    int[] numbers = Arrays.stream(line.split(",")).mapToInt(Integer::parseInt).toArray();
    int[] seen = IntStream.range(0, PIXELS).filter(i -> !sparse || numbers[i] != 0).toArray();
    return new ArrayExample<>(new Label(Integer.toString(numbers[PIXELS])),
        Arrays.stream(seen).mapToObj(i -> NAMES[i]).toArray(String[]::new),
        Arrays.stream(seen).mapToDouble(i -> numbers[i] / WHITEST).toArray());
  }
}
