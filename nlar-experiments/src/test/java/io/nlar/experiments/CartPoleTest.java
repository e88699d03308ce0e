package io.nlar.experiments;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.cli.ExitCode;
import io.nlar.cli.Main;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The experiment cartpole as users call it, short. */
class CartPoleTest {
  @TempDir
  Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int train(String name, String... more) {
    List<String> arguments = new ArrayList<>(List.of("train", "cartpole", "--out", folder.resolve(name).toString()));
    arguments.addAll(List.of(more));
    return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments.toArray(String[]::new));
  }

  private List<EpochRecord> records(String name) {
    return new RunLog(folder.resolve(name), Measure.RETURN).read();
  }

  /** Less the wall times, which no two runs share. */
  private static EpochRecord timeless(EpochRecord r) {
    return new EpochRecord(r.run(), r.epoch(), r.loss(), r.trainingScore(), r.testScore(), 0, 0, r.lowerRate(),
        r.medianRate(), r.upperRate(), r.diverged());
  }

  private List<EpochRecord> timeless(String name) {
    return records(name).stream().map(CartPoleTest::timeless).toList();
  }

  @Test
  void itLearnsToBalanceAndLeavesTableSentenceAndPictures() throws IOException {
    assertEquals(ExitCode.OK, train("out", "--optimizers", "nlarcm,sgd", "--rates", "1e-3,0.1", "--seeds", "1", "--epochs",
        "75"), err::toString);
    assertTrue(out.toString().contains("nlarcm ep. 75"), out::toString);
    assertTrue(out.toString().contains("The highest return at the end is"), out::toString);
    assertTrue(out.toString().contains("(a mean of 195 over 100 episodes)"), out::toString);
    for (String name : List.of("curves.png", "robustness.png", "rates.png")) {
      assertNotNull(ImageIO.read(folder.resolve("out").resolve(name).toFile()), name);
    }
    String page = Files.readString(folder.resolve("out").resolve("report.html"));
    assertTrue(page.contains("Return, steps") && page.contains("Wall time of an episode"), page);
    List<EpochRecord> learned = records("out").stream()
        .filter(record -> record.run().equals(new RunKey("", "nlarcm", 0.1, 1))).toList();
    assertEquals(75, learned.size());
    assertTrue(Double.isNaN(learned.getFirst().loss()), "learning starts after 1000 steps");
    assertTrue(learned.getFirst().testScore() < 50, learned.getFirst()::toString);
    assertTrue(learned.subList(60, 75).stream().mapToDouble(EpochRecord::testScore).average().orElseThrow() > 100,
        learned::toString);
    assertTrue(learned.getLast().lowerRate() < learned.getLast().upperRate(), learned.getLast()::toString);
  }

  @Test
  void aResumedCampaignEndsAsOneThatWasNotDisturbed() throws IOException {
    String[] asked = {"--optimizers", "nlarcm,adam", "--rates", "0.01", "--seeds", "2", "--epochs", "50"};
    assertEquals(ExitCode.OK, train("whole", asked), err::toString);
    assertEquals(ExitCode.OK, train("cut", asked), err::toString);
    Path csv = folder.resolve("cut").resolve("runs.csv");
    List<String> lines = Files.readAllLines(csv);
    Files.writeString(csv, String.join("\n", lines.subList(0, 80)) + "\n,adam,0.01,2,31,0.3");
    List<String> resumed = new ArrayList<>(List.of(asked));
    resumed.add("--resume");
    assertEquals(ExitCode.OK, train("cut", resumed.toArray(String[]::new)), err::toString);
    assertTrue(out.toString().contains("1 of them still to do"), out::toString);
    assertEquals(timeless("whole"), timeless("cut"));
  }

  @Test
  void aRunThatDivergesIsReported() {
    assertEquals(ExitCode.OK, train("out", "--optimizers", "sgd", "--rates", "1e30", "--seeds", "1", "--epochs", "60"),
        err::toString);
    EpochRecord last = records("out").getLast();
    assertTrue(last.diverged() && last.epoch() < 60, last::toString);
    assertTrue(out.toString().contains("diverged"), out::toString);
  }

  @Test
  void everyOptimizerWorksInBothTypes() {
    for (String type : List.of("float32", "float64")) {
      assertEquals(ExitCode.OK, train(type, "--optimizers", "nlarsf,nlarsm,nlarpm,adamw,rmsprop,adagrad,sgd,adamhd:1e-4",
          "--rates", "0.01", "--seeds", "1", "--epochs", "48", "--dtype", type), err::toString);
      for (EpochRecord record : records(type)) {
        assertFalse(record.diverged(), record::toString);
      }
      List<EpochRecord> ends = records(type).stream().filter(record -> record.epoch() == 48).toList();
      assertEquals(8, ends.size());
      assertEquals(8, ends.stream().map(EpochRecord::loss).distinct().count(), "each learns in its own way");
    }
  }

  @Test
  void dataOfTheUserIsRefused() {
    assertEquals(ExitCode.USAGE, train("out", "--data", "."));
    assertTrue(err.toString().contains("cartpole makes its data itself"), err::toString);
    assertFalse(Files.exists(folder.resolve("out")));
  }

  /** The 1 000th step brings the first update, and an episode has 200 at most. */
  @Test
  void schedulesGoByAsManyUpdatesAsThereCanBe() {
    CartPoleTraining training = new CartPoleTraining(null);
    assertEquals(0, training.steps(4));
    assertEquals(1, training.steps(5));
    assertEquals(201, training.steps(6));
  }

  /** Also those that evaluate other values than they train, and before there was an update. */
  @Test
  void rivalsLearnFromTheirDefaults() {
    assertEquals(ExitCode.OK, train("rivals", "--optimizers", "nadamw,dog", "--rates", "default", "--seeds", "1", "--epochs",
        "70"), err::toString);
    assertTrue(out.toString().lines().anyMatch(line -> line.startsWith("nadamw") && line.contains("0 of 1")), out::toString);
    List<EpochRecord> records = records("rivals");
    for (String name : List.of("nadamw", "dog")) {
      List<EpochRecord> own = records.stream().filter(record -> record.run().optimizer().equals(name)).toList();
      assertEquals(70, own.size());
      double first = new OptimizerChoice(name).defaultRate();
      assertEquals(first, own.getFirst().medianRate(), 1e-7 * first);
      assertTrue(own.getLast().medianRate() > 0.9 * first, own.getLast()::toString);
    }
    assertEquals(ExitCode.OK, train("again", "--optimizers", "nadamw,dog", "--rates", "default", "--seeds", "1", "--epochs",
        "70"), err::toString);
    assertEquals(timeless("rivals"), timeless("again"), "a seed is a run");
  }
}
