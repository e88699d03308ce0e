package io.nlar.experiments;

import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Vectors for words, as GloVe has them: a matrix factorised with a gradient for few of its rows at a time. */
record EmbedExperiment() implements Experiment {
  static final int RANK = 32;
  private static final int WORDS = 10_000;
  private static final int BATCH = 300;
  private static final int TEST_BATCH = 1000;
  private static final int TEST_SHARE = 10;

  @Override
  public String label() {
    return "embed";
  }

  @Override
  public String description() {
    return "words of a text, factorised co-occurrences of rank " + RANK;
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
    return Measure.ERROR;
  }

  @Override
  public double target() {
    return 0.575;
  }

  @Override
  public boolean small() {
    return true;
  }

  @Override
  public Task prepare(Path data) {
    Corpus corpus = Corpus.read(data);
    Cooccurrences pairs = Cooccurrences.of(corpus, WORDS);
    int tests = Math.ceilDiv(pairs.count(), TEST_SHARE);
    int rest = pairs.count() - tests;
    Standard standard = Standard.by(pairs.logarithm(), tests, 1, rest);
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("data", corpus.source() + ": the " + pairs.words() + " most frequent words, and pairs of them of which one stands"
        + " at most " + Cooccurrences.WINDOW + " words before the other, twice or more: " + rest + " for training, " + tests
        + " for testing");
    facts.put("network", "vectors u and v of " + RANK + " numbers and biases a and b for each word: u_i·v_j + a_i + b_j");
    facts.put("target", "the logarithm of how often they do, scaled to mean 0 and standard deviation 1 in training");
    facts.put("loss", "mean squared error; no penalty, which would give every row a gradient");
    facts.put("gradients", "dense tensors: DJL's PyTorch engine has no others; a batch changes at most " + BATCH
        + " rows of each table, and those of the others are 0");
    facts.put("batch", BATCH + " pairs");
    return new BatchTask(new Problem(() -> new Factorisation(pairs.words(), RANK), batch -> new Shape(batch, 2), BATCH,
        TEST_BATCH, Objective.SQUARES, 0, new PairExamples(pairs, tests, rest, standard),
        new PairExamples(pairs, 0, tests, standard)), "pairs of words", "text of " + corpus.text().length + " bytes "
        + Checksums.of(corpus.text()) + "\n", facts);
  }
}
