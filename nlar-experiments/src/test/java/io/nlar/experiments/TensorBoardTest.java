package io.nlar.experiments;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.cli.ExitCode;
import io.nlar.cli.Main;
import io.nlar.experiments.tensorboard.EventFile;
import io.nlar.experiments.tensorboard.Histogram;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Event files, read back by a reader that shares nothing with what wrote them. */
class TensorBoardTest {
  private static final int BATCHES = 29; // 1437 images in batches of 50

  @TempDir
  private Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int nlar(String... more) {
    List<String> arguments = new ArrayList<>(List.of(more));
    arguments.addAll(List.of("--seeds", "1", "--out", folder.resolve("out").toString(), "--tensorboard",
        folder.resolve("events").toString()));
    return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments.toArray(String[]::new));
  }

  private List<EventReader.Event> events(RunKey key) throws IOException {
    return EventReader.read(RunEvents.run(folder.resolve("events"), key).resolve(EventFile.NAME));
  }

  private static List<EventReader.Event> with(List<EventReader.Event> events, String tag) {
    return events.stream().filter(event -> event.values().containsKey(tag)).toList();
  }

  /** The check value of CRC-32C's definition, by which the reader itself is checked. */
  @Test
  void theReadersChecksumIsTheOneOfTheStandard() {
    int masked = EventReader.masked("123456789".getBytes(StandardCharsets.US_ASCII));
    assertEquals(0xe3069283, Integer.rotateLeft(masked - 0xa282ead8, 15));
  }

  @Test
  void aRunsEventsAreThoseOfItsRecords() throws IOException {
    double before = System.currentTimeMillis() / 1000.0;
    assertEquals(ExitCode.OK, nlar("train", "--optimizers", "nlarcm,adam", "--rates", "0.01", "--epochs", "3"),
        err::toString);
    for (String optimizer : List.of("nlarcm", "adam")) {
      List<EventReader.Event> events = events(new RunKey("", optimizer, 0.01, 1));
      assertEquals("brain.Event:2", events.getFirst().version());
      assertTrue(events.stream().allMatch(event -> event.wallTime() >= before - 1
          && event.wallTime() <= System.currentTimeMillis() / 1000.0 + 1));
      List<EventReader.Event> batches = with(events, RunEvents.BATCH_LOSS);
      assertEquals(3 * BATCHES, batches.size());
      assertEquals(3 * BATCHES, with(batches, RunEvents.NORM).stream()
          .filter(event -> (double) event.values().get(RunEvents.NORM) > 0).count());
      List<EpochRecord> records = new RunLog(folder.resolve("out"), Measure.ACCURACY).read().stream()
          .filter(record -> record.run().optimizer().equals(optimizer)).toList();
      List<EventReader.Event> epochs = with(events, RunEvents.LOSS);
      assertEquals(3, epochs.size());
      for (int i = 0; i < 3; i++) {
        EpochRecord record = records.get(i);
        Map<String, Object> values = epochs.get(i).values();
        assertEquals(record.epoch(), epochs.get(i).step());
        assertEquals(record.loss(), (double) values.get(RunEvents.LOSS), 1e-6);
        assertEquals(record.loss(), batches.subList(i * BATCHES, (i + 1) * BATCHES).stream()
            .mapToDouble(event -> (double) event.values().get(RunEvents.BATCH_LOSS)).average().orElseThrow(), 1e-6);
        assertEquals(record.testScore(), (double) values.get("epoch/test_accuracy"), 1e-6);
        assertEquals(record.trainingScore(), (double) values.get("epoch/training_accuracy"), 1e-6);
        assertEquals(0.0, values.get(RunEvents.SKIPPED));
        EventReader.Histogram rates = (EventReader.Histogram) values.get(RunEvents.RATES);
        assertEquals(6570, rates.count(), "one for each parameter");
        assertEquals(6570, Arrays.stream(rates.buckets()).sum());
        assertEquals(optimizer.equals("nlarcm"), rates.least() < rates.most());
        assertTrue(rates.least() <= record.medianRate() && record.medianRate() <= rates.most() * 1.06, rates::toString);
        EventReader.Histogram logarithms = (EventReader.Histogram) values.get(RunEvents.LOGARITHMS);
        assertTrue(Math.abs(Math.log10(rates.most()) - logarithms.most()) < 1e-5, logarithms::toString);
      }
    }
  }

  @Test
  void skippedStepsAndGradientsWithoutABoundAreTold() throws IOException {
    assertEquals(ExitCode.OK, nlar("sweep", "--setting", "scaling", "--values", "none,value:1e-2", "--optimizers", "nlarsm",
        "--rates", "1e30", "--epochs", "1"), err::toString);
    List<EventReader.Event> events = events(new RunKey("none", "nlarsm", 1e30, 1));
    assertFalse(with(events, RunEvents.BATCH_LOSS).isEmpty());
    assertTrue(with(events, RunEvents.NORM).isEmpty(), "without a bound no norm is taken");
    assertTrue(Files.exists(RunEvents.run(folder.resolve("events"), new RunKey("value:1e-2", "nlarsm", 1e30, 1))));
  }

  @Test
  void aRunThatIsDoneAnewHasOnlyItsNewEvents() throws IOException {
    RunKey key = new RunKey("", "sgd", 0.1, 1);
    assertEquals(ExitCode.OK, nlar("train", "--optimizers", "sgd", "--rates", "0.1", "--epochs", "2"), err::toString);
    assertEquals(ExitCode.OK, nlar("train", "--optimizers", "sgd", "--rates", "0.1", "--epochs", "1"), err::toString);
    assertEquals(1, with(events(key), RunEvents.LOSS).size());
    try (var files = Files.list(RunEvents.run(folder.resolve("events"), key))) {
      assertEquals(1, files.count());
    }
  }

  @Test
  void episodesHaveReturns() throws IOException {
    assertEquals(ExitCode.OK, nlar("train", "cartpole", "--optimizers", "nlarsm", "--rates", "0.01", "--epochs", "60"),
        err::toString);
    List<EventReader.Event> events = events(new RunKey("", "nlarsm", 0.01, 1));
    assertEquals(60, with(events, "epoch/test_return").size());
    assertTrue(with(events, RunEvents.NORM).size() > 5, "from the 1000th step on");
    assertTrue(with(events, RunEvents.RATES).size() >= with(events, RunEvents.NORM).size(), "rates after each of them");
  }

  @Test
  void aFolderThatCannotBeIsNamed() throws IOException {
    Files.createFile(folder.resolve("events"));
    assertEquals(ExitCode.FAILED, nlar("train", "--optimizers", "sgd", "--rates", "0.1", "--epochs", "1"));
    assertTrue(err.toString().contains("cannot write events for TensorBoard to " + folder.resolve("events")), err::toString);
  }

  /** Every number is counted in the bucket in which it lies, as readers see buckets: from the limit before to the own. */
  @Test
  void bucketsHoldWhatLiesInThem() throws IOException {
    double[] numbers = {-3, -1.1e-3, -1e-50, 0, 1e-45, 2e-12, 1.1e-3, 1.15e-3, 0.52, 70, Double.NaN, Double.POSITIVE_INFINITY};
    for (Histogram.Grid grid : Histogram.Grid.values()) {
      Histogram histogram = new Histogram(grid);
      Arrays.stream(numbers).forEach(x -> histogram.add(x, 2));
      try (EventFile file = EventFile.create(folder)) {
        file.add(7, Map.of(), Map.of("numbers", histogram, "nothing", new Histogram(grid)));
      }
      EventReader.Event event = EventReader.read(folder.resolve(EventFile.NAME)).getLast();
      assertEquals(7, event.step());
      assertEquals(1, event.values().size(), "nothing of what is empty");
      EventReader.Histogram read = (EventReader.Histogram) event.values().get("numbers");
      double[] finite = Arrays.stream(numbers).filter(Double::isFinite).toArray();
      assertEquals(2 * finite.length, read.count());
      assertEquals(2 * Arrays.stream(finite).sum(), read.sum(), 1e-12);
      assertEquals(2 * Arrays.stream(finite).map(x -> x * x).sum(), read.squares(), 1e-9);
      assertEquals(-3, read.least());
      assertEquals(70, read.most());
      assertTrue(read.least() < read.limits()[0], "the first bucket has a width");
      double[] expected = new double[read.limits().length];
      for (double x : finite) {
        int bucket = 0;
        while (x >= read.limits()[bucket]) {
          bucket++;
        }
        expected[bucket] += 2;
      }
      assertArrayEquals(expected, read.buckets(), grid::name);
      for (int i = 0; i < read.limits().length; i++) {
        double left = i == 0 ? read.least() : read.limits()[i - 1];
        double width = grid == Histogram.Grid.LINEAR ? read.limits()[i] - left
            : left * read.limits()[i] > 0 ? Math.abs(Math.log10(read.limits()[i] / left)) : 0; // 0: around 0
        assertTrue(read.buckets()[i] == 0 || width < 0.0501, "no bucket is wider than its cell");
      }
      for (int i = 1; i < read.limits().length; i++) {
        assertTrue(read.limits()[i - 1] < read.limits()[i], () -> Arrays.toString(read.limits()));
      }
    }
  }
}
