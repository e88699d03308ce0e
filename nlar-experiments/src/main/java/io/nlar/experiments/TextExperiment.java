package io.nlar.experiments;

import ai.djl.ndarray.types.Shape;
import io.nlar.cli.CommandFailedException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A language model: which character comes next? */
record TextExperiment() implements Experiment {
  /** Symbols: every value of a byte. */
  static final int SYMBOLS = 256;
  static final int LENGTH = 64;
  private static final int WIDTH = 64;
  private static final int HEADS = 4;
  private static final int DEPTH = 2;
  private static final int BATCH = 32;
  private static final int TEST_BATCH = 64;
  private static final int MOST_TESTS = 2000;
  /** A text must have so many sequences for a test of at least a thousand characters. */
  private static final int LEAST = 200;

  @Override
  public String label() {
    return "text";
  }

  @Override
  public String description() {
    return "bytes of a text, causal transformer of " + DEPTH + " layers, width " + WIDTH + ", " + HEADS + " heads";
  }

  @Override
  public List<String> rates() {
    return ALL_RATES;
  }

  @Override
  public int epochs() {
    return 5;
  }

  @Override
  public Measure measure() {
    return Measure.BITS;
  }

  @Override
  public double target() {
    return 2.65;
  }

  @Override
  public int usualExamples() {
    return 16_000;
  }

  @Override
  public boolean small() {
    return true;
  }

  /** The network. */
  static LanguageModel network() {
    return new LanguageModel(SYMBOLS, LENGTH, WIDTH, HEADS, DEPTH);
  }

  @Override
  public Task prepare(Path data) {
    Corpus corpus = Corpus.read(data);
    byte[] text = corpus.text();
    if (text.length <= LEAST * LENGTH) {
      throw new CommandFailedException(corpus.source() + " has " + text.length + " bytes; the experiment text needs more than "
          + LEAST * LENGTH);
    }
    TextExamples training = TextExamples.of(text, LENGTH, false);
    TextExamples test = TextExamples.of(text, LENGTH, true).atMost(MOST_TESTS);
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("data", corpus.source() + ", " + text.length + " bytes in sequences of " + LENGTH + ": " + training.count()
        + " for training, " + test.count() + " of every tenth hundredth of the text for testing");
    facts.put("network", description() + ", normalisation before each part, learned positions, no dropout");
    facts.put("loss", "softmax cross-entropy over the " + SYMBOLS + " values of a byte; no penalty");
    facts.put("score", "bits of the sequences' bytes over the number of their characters; a sequence begins without what"
        + " stands before it");
    facts.put("batch", BATCH + " sequences");
    return new BatchTask(new Problem(TextExperiment::network, batch -> new Shape(batch, LENGTH), BATCH, TEST_BATCH,
        Objective.BITS, 0, training, test), "sequences of " + LENGTH + " bytes", "text of " + text.length + " bytes "
        + Checksums.of(text) + "\n", facts);
  }
}
