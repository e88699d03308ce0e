package io.nlar.experiments;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import io.nlar.cli.CommandFailedException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Regression: a number from the other columns of a table. */
record TabularExperiment() implements Experiment {
  private static final int HIDDEN = 64;
  private static final int BATCH = 50;
  private static final int TEST_BATCH = 1000;
  private static final int TEST_EVERY = 5;
  private static final int LEAST = 100;

  @Override
  public String label() {
    return "tabular";
  }

  @Override
  public String description() {
    return "regression, network n-" + HIDDEN + "-" + HIDDEN + "-1";
  }

  @Override
  public List<String> rates() {
    return ALL_RATES;
  }

  @Override
  public int epochs() {
    return 10;
  }

  @Override
  public Measure measure() {
    return Measure.ERROR;
  }

  @Override
  public double target() {
    return 0.25;
  }

  @Override
  public boolean small() {
    return true;
  }

  /** The network. */
  static Block network() {
    return new SequentialBlock()
        .add(Linear.builder().setUnits(HIDDEN).build()).add((NDList list) -> Activation.relu(list))
        .add(Linear.builder().setUnits(HIDDEN).build()).add((NDList list) -> Activation.relu(list))
        .add(Linear.builder().setUnits(1).build());
  }

  @Override
  public Task prepare(Path data) {
    Rows rows = data == null ? Rows.friedman() : Rows.read(data);
    if (rows.count() < LEAST) {
      throw new CommandFailedException(rows.source() + " has " + rows.count() + " rows; the experiment tabular needs at least "
          + LEAST);
    }
    RowExamples training = RowExamples.training(rows,
        IntStream.range(0, rows.count()).filter(row -> row % TEST_EVERY != 0).toArray());
    RowExamples test = training.others(IntStream.range(0, rows.count()).filter(row -> row % TEST_EVERY == 0).toArray());
    int inputs = rows.columns() - 1;
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("data", rows.source() + ": " + inputs + " inputs, " + training.count() + " training and " + test.count()
        + " test rows, every column scaled to mean 0 and standard deviation 1 in training");
    facts.put("network", inputs + "-" + HIDDEN + "-" + HIDDEN + "-1, ReLU");
    facts.put("loss", "mean squared error + " + Numbers.rate(Recipe.L2) + "·Σw² over the weights");
    facts.put("batch", BATCH + " rows");
    return new BatchTask(new Problem(TabularExperiment::network, batch -> new Shape(batch, inputs), BATCH, TEST_BATCH,
        Objective.SQUARES, Recipe.L2, training, test), "rows", "rows " + rows.count() + " of " + rows.columns() + " columns "
        + Checksums.of(rows.values()) + "\n", facts);
  }
}
