package io.nlar.experiments;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import io.nlar.Backends;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.Precision;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Networks of text, words and tables, what they are scored by, and statistics of batch normalisation. */
class ProblemsTest {
  @TempDir
  Path folder;

  private NDManager manager;

  @BeforeEach
  void open() {
    DjlEngine.start();
    manager = NDManager.newBaseManager();
  }

  @AfterEach
  void close() {
    manager.close();
  }

  private Block initialised(Block block, Shape input) {
    Recipe.initialisers(block);
    block.initialize(manager, DataType.FLOAT32, input);
    return block;
  }

  private static long size(Block block) {
    return block.getParameters().values().stream().filter(Parameter::requiresGradient).mapToLong(p -> p.getArray().size())
        .sum();
  }

  private NDArray forward(Block block, NDArray input) {
    return block.forward(new ParameterStore(manager, false), new NDList(input), false).singletonOrThrow();
  }

  @Test
  void shapesAndParametersOfTheLanguageModel() {
    Block model = initialised(TextExperiment.network(), new Shape(3, 64));
    long layer = 4 * (64 * 64 + 64) + 2 * 2 * 64 + 64 * 256 + 256 + 256 * 64 + 64;
    assertEquals(256 * 64 + 64 * 64 + 2 * layer + 2 * 64 + 64 * 256 + 256, size(model));
    assertEquals(new Shape(3, 64, 256), forward(model, manager.zeros(new Shape(3, 64), DataType.INT64)).getShape());
    assertArrayEquals(new Shape[] {new Shape(3, 64, 256)}, model.getOutputShapes(new Shape[] {new Shape(3, 64)}));
    assertEquals(new Shape(1, 5, 256), forward(model, manager.zeros(new Shape(1, 5), DataType.INT64)).getShape());
  }

  @Test
  void theLanguageModelIsOfItsTypeThroughout() {
    Block model = TextExperiment.network();
    model.initialize(manager, DataType.FLOAT64, new Shape(1, 64));
    model.getParameters().values().forEach(parameter ->
        assertEquals(DataType.FLOAT64, parameter.getArray().getDataType(), parameter.getName()));
    assertEquals(DataType.FLOAT64, forward(model, manager.zeros(new Shape(1, 9), DataType.INT64)).getDataType());
  }

  /** What comes later changes nothing before it, and everything from its own place on. */
  @Test
  void theLanguageModelDoesNotSeeWhatComesLater() {
    Block model = initialised(TextExperiment.network(), new Shape(1, 64));
    long[] text = new Random(1).longs(64, 0, 256).toArray();
    NDArray before = forward(model, manager.create(text, new Shape(1, 64)));
    for (int changed : new int[] {63, 40, 1}) {
      long[] other = text.clone();
      other[changed] ^= 1;
      NDArray after = forward(model, manager.create(other, new Shape(1, 64)));
      NDArray difference = after.sub(before).abs().reshape(64, 256).max(new int[] {1});
      for (int place = 0; place < 64; place++) {
        assertEquals(place >= changed, difference.getFloat(place) > 1e-4, place + " by " + changed + ": " + difference);
      }
    }
  }

  private double bits(String text) {
    byte[] bytes = text.repeat(64).getBytes(StandardCharsets.UTF_8);
    TextExamples examples = TextExamples.of(bytes, 8, false);
    Batch batch = examples.batch(manager, DataType.FLOAT32, IntStream.range(0, examples.count()).toArray(), 0,
        examples.count());
    NDArray outputs = manager.zeros(new Shape(examples.count(), 8, TextExperiment.SYMBOLS));
    return Objective.BITS.score(Objective.BITS.sum(outputs, batch.targets(),
        () -> Objective.number(Objective.BITS.loss(outputs, batch.targets()))), batch.scored());
  }

  @Test
  void aUniformModelTakesTheLogarithmOfTheVocabularyForEachCharacter() {
    assertEquals(Math.log(TextExperiment.SYMBOLS) / Math.log(2), bits("abcdefgh"), 1e-5);
    assertEquals(2 * 8, bits("äöüß"), 1e-5, "two bytes for each of these");
    assertEquals(Measure.BITS.nothing(), bits("x"), 1e-5);
  }

  @Test
  void sequencesAreTheTextsBytesAndTheirFollowers() {
    byte[] text = new byte[1000];
    for (int i = 0; i < text.length; i++) {
      text[i] = (byte) i;
    }
    TextExamples training = TextExamples.of(text, 9, false);
    TextExamples test = TextExamples.of(text, 9, true);
    assertEquals(999 / 9, training.count() + test.count());
    assertEquals(11, test.count(), 1);
    Batch batch = training.batch(manager, DataType.FLOAT32, new int[] {0, 1}, 1, 1);
    assertArrayEquals(new long[] {9, 10, 11, 12, 13, 14, 15, 16, 17}, batch.inputs().toLongArray());
    assertArrayEquals(new long[] {10, 11, 12, 13, 14, 15, 16, 17, 18}, batch.targets().toLongArray());
    long[] learned = training.batch(manager, DataType.FLOAT32, IntStream.range(0, training.count()).toArray(), 0,
        training.count()).inputs().toLongArray();
    long[] tested = test.batch(manager, DataType.FLOAT32, IntStream.range(0, test.count()).toArray(), 0, test.count())
        .inputs().toLongArray();
    assertEquals(90, tested[0], "the first of every ten stretches that is for testing");
    assertEquals(999, learned.length + tested.length);
    assertEquals(4, test.atMost(4).count());
  }

  @Test
  void wordsThatAreNotInABatchGetNoGradient() {
    int words = 500;
    Block block = initialised(new Factorisation(words, EmbedExperiment.RANK), new Shape(3, 2));
    assertEquals(2 * words * (EmbedExperiment.RANK + 1), size(block));
    NDArray pairs = manager.create(new long[] {7, 8, 7, 9, 499, 0}, new Shape(3, 2));
    NDArray targets = manager.create(new float[] {1, 2, 3}, new Shape(3, 1));
    try (var collector = Engine.getInstance().newGradientCollector()) {
      NDArray outputs = block.forward(new ParameterStore(manager, false), new NDList(pairs), true).singletonOrThrow();
      assertEquals(new Shape(3, 1), outputs.getShape());
      collector.backward(Objective.SQUARES.loss(outputs, targets));
    }
    List<List<Integer>> touched = block.getParameters().values().stream().map(parameter -> {
      NDArray gradient = parameter.getArray().getGradient();
      assertTrue(!gradient.isSparse(), "a dense tensor");
      boolean[] rows = gradient.abs().sum(new int[] {1}).gt(0).toBooleanArray();
      return IntStream.range(0, words).filter(row -> rows[row]).boxed().toList();
    }).toList();
    assertEquals(List.of(List.of(7, 499), List.of(0, 8, 9), List.of(7, 499), List.of(0, 8, 9)), touched);
  }

  @Test
  void aFactorisationIsTheProductOfItsRowsWithBothBiases() {
    Block block = initialised(new Factorisation(6, 4), new Shape(1, 2));
    float[][] tables = block.getParameters().values().stream().map(parameter -> {
      parameter.getArray().addi(manager.randomUniform(-1, 1, parameter.getArray().getShape()));
      return parameter.getArray().toFloatArray();
    }).toArray(float[][]::new);
    double expected = tables[2][2] + tables[3][5];
    for (int i = 0; i < 4; i++) {
      expected += tables[0][2 * 4 + i] * tables[1][5 * 4 + i];
    }
    assertEquals(expected, forward(block, manager.create(new long[] {2, 5}, new Shape(1, 2))).getFloat(), 1e-5);
  }

  @Test
  void parametersOfTheRegression() {
    Block block = initialised(TabularExperiment.network(), new Shape(2, 10));
    assertEquals(10 * 64 + 64 + 64 * 64 + 64 + 64 + 1, size(block));
    assertEquals(new Shape(2, 1), forward(block, manager.zeros(new Shape(2, 10))).getShape());
  }

  @Test
  void theRootOfTheMeanSquareIsTakenOverAllBatches() {
    NDArray zeros = manager.zeros(new Shape(2, 1));
    NDArray targets = manager.create(new float[] {3, 1}, new Shape(2, 1));
    double sum = Objective.SQUARES.sum(zeros, targets, () -> Objective.number(Objective.SQUARES.loss(zeros, targets)));
    assertEquals(10, sum, 1e-6);
    assertEquals(Math.sqrt((10 + 6) / 4.0), Objective.SQUARES.score(sum + 6, 4), 1e-6);
  }

  /** What stood in them before, as training at other values leaves it, is gone. */
  @Test
  void statisticsAreMeansOverTheBatchesThatPassForward() {
    Block block = initialised(BatchNorm.builder().build(), new Shape(4, 2));
    block.getParameters().get("runningMean").getArray().addi(77);
    block.getParameters().get("runningVar").getArray().addi(99);
    NDArray data = manager.randomNormal(new Shape(12, 2)).mul(3).add(5);
    new RunningStatistics(block).recount(batch -> {
      if (batch < 3) {
        NDArray part = data.get(new NDIndex(4 * batch + ":" + 4 * (batch + 1)));
        block.forward(new ParameterStore(manager, false), new NDList(part), true);
      }
      return batch < 3;
    });
    float[] values = data.toFloatArray();
    for (int column = 0; column < 2; column++) {
      double means = 0;
      double variances = 0;
      for (int batch = 0; batch < 3; batch++) {
        double[] x = new double[4];
        for (int i = 0; i < 4; i++) {
          x[i] = values[(4 * batch + i) * 2 + column];
        }
        double mean = Arrays.stream(x).average().orElseThrow();
        means += mean / 3;
        variances += Arrays.stream(x).map(value -> (value - mean) * (value - mean)).sum() / 3 / 3;
      }
      assertEquals(means, block.getParameters().get("runningMean").getArray().getFloat(column), 1e-4);
      assertEquals(variances, block.getParameters().get("runningVar").getArray().getFloat(column), 1e-3);
    }
  }

  /** Learns with DJL's SGD, and hands the parameters over after each epoch. */
  private static void train(Problem problem, int epochs, int examples, Consumer<List<Parameter>> afterwards) {
    RunObserver observer = new RunObserver() {
      @Override
      public void batch(double loss, TrainingStep step) {
        // does not look
      }

      @Override
      public void epoch(EpochRecord record, TrainingStep step, List<Parameter> parameters) {
        afterwards.accept(parameters);
      }

      @Override
      public void close() {
        // has nothing
      }
    };
    try (Device device = Backends.open("cpu")) {
      new BatchTraining(problem,
          new Conditions(DType.FLOAT32, device, new Unvaried(Precision.full()), examples, CampaignOptions.ALL))
          .run(new RunKey("", "sgd", 0.1, 1), epochs, () -> false, record -> {}, observer);
    }
  }

  @Test
  void trainingLeavesWordsAloneThatNoPairHas() throws IOException {
    Path text = folder.resolve("text");
    Files.writeString(text, "one two three four five six seven eight nine ten ".repeat(3));
    Problem problem = ((BatchTask) new EmbedExperiment().prepare(text)).problem();
    List<float[]> tables = new ArrayList<>();
    train(problem, 2, 1, parameters -> parameters.forEach(parameter -> tables.add(parameter.getArray().toFloatArray())));
    assertEquals(8, tables.size());
    for (int table = 0; table < 4; table++) {
      int size = tables.get(table).length / 10;
      int changed = 0;
      for (int word = 0; word < 10; word++) {
        changed += Arrays.equals(tables.get(table), word * size, (word + 1) * size, tables.get(table + 4), word * size,
            (word + 1) * size) ? 0 : 1;
      }
      assertEquals(1, changed, "one pair, one row of table " + table);
    }
  }

  @Test
  void everyTestBeginsWithStatisticsThatAreCountedAnew() {
    Rows rows = Rows.friedman();
    RowExamples examples = RowExamples.training(rows, IntStream.range(0, 1000).toArray());
    RowExamples others = examples.others(IntStream.range(1000, 1500).toArray());
    AtomicReference<Block> network = new AtomicReference<>();
    Problem problem = new Problem(() -> {
      network.set(new SequentialBlock().add(BatchNorm.builder().build()).add(Linear.builder().setUnits(1).build()));
      return network.get();
    }, batch -> new Shape(batch, 10), 50, 100, Objective.SQUARES, 0, others, examples);
    Batch all = others.batch(manager, DataType.FLOAT32, IntStream.range(0, 500).toArray(), 0, 500);
    float[] expected = all.inputs().mean(new int[] {0}).toFloatArray();
    train(problem, 1, Integer.MAX_VALUE, parameters -> {
      float[] counted = network.get().getParameters().stream().map(Pair::getValue)
          .filter(parameter -> parameter.getType() == Parameter.Type.RUNNING_MEAN).findFirst().orElseThrow().getArray()
          .toFloatArray();
      assertArrayEquals(expected, counted, 1e-5f);
      assertTrue(Math.abs(expected[0]) > 1e-3, "not 0");
    });
  }
}
