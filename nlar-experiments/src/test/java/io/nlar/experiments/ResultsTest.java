package io.nlar.experiments;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Means over seeds, with runs that diverged among them. */
class ResultsTest {
  private static EpochRecord record(long seed, int epoch, double accuracy) {
    boolean diverged = Double.isNaN(accuracy);
    return new EpochRecord(new RunKey("", "nlarcm", 0.1, seed), epoch, diverged ? Double.NaN : 1, 0.5, accuracy, 1, 1,
        0.1, 0.2, 0.3, diverged);
  }

  private final Results results = new Results(List.of("nlarcm"), List.of(0.1), 2, Measure.ACCURACY, List.of(
      record(1, 1, 0.8), record(1, 2, 0.9), record(2, 1, 0.6), record(2, 2, Double.NaN)));

  @Test
  void meanDeviationOfTheSampleAndItsStandardError() {
    Cell first = results.score("nlarcm", 0.1, 1);
    assertEquals(0.7, first.mean(), 1e-15);
    assertEquals(Math.sqrt(0.02), first.deviation(), 1e-15);
    assertEquals("70.0 ±10.0", first.text());
  }

  @Test
  void whatDivergedCountsAsNothingLearnedAndIsSaid() {
    Cell second = results.score("nlarcm", 0.1, 2);
    assertEquals(0.45, second.score(), 1e-15);
    assertTrue(second.text().contains("1 of 2 diverged"), second::toString);
    assertTrue(Double.isNaN(results.mean("nlarcm", 0.1, 2, EpochRecord::medianRate)));
    assertEquals(0.2, results.mean("nlarcm", 0.1, 1, EpochRecord::medianRate), 1e-15);
  }

  /** As after a part of a file was lost, or written by two. */
  @Test
  void recordsAreTakenByTheirEpochWhereverTheyStand() {
    Results mixed = new Results(List.of("nlarcm"), List.of(0.1), 3, Measure.ACCURACY, List.of(record(1, 3, 0.9), record(1, 1, 0.7)));
    assertEquals(0.7, mixed.score("nlarcm", 0.1, 1).mean(), 1e-15);
    assertEquals(0, mixed.score("nlarcm", 0.1, 2).runs());
    assertEquals(0.9, mixed.score("nlarcm", 0.1, 3).mean(), 1e-15);
    assertEquals(0.2, mixed.mean("nlarcm", 0.1, 3, EpochRecord::medianRate), 1e-15);
  }

  @Test
  void runsThatAreNotThereYetAreNotFailures() {
    Results begun = new Results(List.of("nlarcm"), List.of(0.1), 2, Measure.ACCURACY, List.of(record(1, 1, 0.8)));
    assertEquals(0, begun.score("nlarcm", 0.1, 2).runs());
    assertEquals("No run has come to its end yet.", new Findings(begun).sentence());
  }

  private static EpochRecord episode(String optimizer, long seed, int episode, double steps) {
    return new EpochRecord(new RunKey("", optimizer, 0.1, seed), episode, 1, steps, steps, 1, 1, 0.1, 0.2, 0.3, false);
  }

  @Test
  void aReturnIsTheMeanOfTheLastTestsAndStaysWhenTheRunHasSolvedItsTask() {
    List<EpochRecord> records = new ArrayList<>();
    for (int i = 1; i <= 150; i++) {
      records.add(episode("a", 1, i, i <= 50 ? 0 : 195));
      records.add(episode("b", 1, i, i <= 51 ? 0 : 195));
    }
    Results returns = new Results(List.of("a", "b"), List.of(0.1), 400, Measure.RETURN, records);
    assertEquals(195.0 * 40 / 90, returns.score("a", 0.1, 90).mean(), 1e-12);
    assertEquals(195, returns.score("a", 0.1, 150).mean(), 1e-12);
    assertEquals(List.of(150), returns.solvedIn("a", 0.1));
    assertEquals(195, returns.score("a", 0.1, 400).mean(), 1e-12);
    assertEquals(List.of(), returns.solvedIn("b", 0.1));
    assertEquals(0, returns.score("b", 0.1, 400).runs(), "it has not come to its end");
    assertEquals(List.of(400), returns.toldEpochs());
    Findings.Table table = new Findings(returns).tables().getFirst();
    assertEquals(List.of("rate", "a ep. 400", "solved", "b ep. 400", "solved"), table.headings());
    assertEquals(List.of(List.of("0.1", "195.0", "1 of 1, ep. 150", "–", "–")), table.rows());
  }

  @Test
  void aVariationHasARowForEachOfItsSeriesAndATableForEachEpochThatIsToldOf() {
    List<EpochRecord> records = new ArrayList<>();
    for (int epoch = 1; epoch <= 3; epoch++) {
      for (String value : List.of("x", "y")) {
        records.add(new EpochRecord(new RunKey(value, "nlarcm", 0.1, 1), epoch, 1, 0.5, value.equals("x") ? 0.1 * epoch : 0.5,
            1, 1, 0.1, 0.2, 0.3, false));
      }
    }
    List<Findings.Table> tables = new Findings(new Results(List.of("nlarcm x", "nlarcm y"), List.of(1e-4, 0.1), 3,
        Measure.ACCURACY, records)).tables();
    assertEquals(List.of(
        new Findings.Table("after epoch 1", List.of("", "1e-4", "0.1"),
            List.of(List.of("nlarcm x", "–", "10.0"), List.of("nlarcm y", "–", "50.0"))),
        new Findings.Table("after epoch 3", List.of("", "1e-4", "0.1"),
            List.of(List.of("nlarcm x", "–", "30.0"), List.of("nlarcm y", "–", "50.0")))), tables);
  }

  @Test
  void whatIsWithinTwoStandardErrorsIsNotCalledHigher() {
    List<EpochRecord> records = new ArrayList<>();
    double[][] accuracies = {{0.50, 0.52, 0.54}, {0.53, 0.55, 0.57}, {0.55, 0.57, 0.59}, {0.45, 0.47, 0.49}, {0.9}};
    for (int v = 0; v < accuracies.length; v++) {
      for (int seed = 0; seed < accuracies[v].length; seed++) {
        records.add(new EpochRecord(new RunKey("v" + v, "nlarsm", 0.1, seed), 1, 1, 0.5, accuracies[v][seed], 1, 1, 0.1, 0.2,
            0.3, false));
      }
    }
    // A mean's standard error is 0.02/√3, and that of a difference √2 of it: two of them are 0.0327.
    Findings.Table table = new Findings(new Results(List.of("nlarsm v0", "nlarsm v1", "nlarsm v2", "nlarsm v3", "nlarsm v4"),
        List.of(0.1), 1, Measure.ACCURACY, records), value -> "v0").tables().getLast();
    assertTrue(table.caption().contains("against v0"), table::caption);
    assertEquals(List.of("=", "=", "+", "-", "–"), table.rows().stream().map(row -> row.get(1)).toList());
  }

  private static void addSeeds(List<EpochRecord> records, String optimizer, double rate, double... accuracies) {
    for (int seed = 1; seed <= accuracies.length; seed++) {
      records.add(new EpochRecord(new RunKey("", optimizer, rate, seed), 1, 1, 0.5, accuracies[seed - 1], 1, 1, 0.1, 0.2,
          0.3, Double.isNaN(accuracies[seed - 1])));
    }
  }

  @Test
  void theSentenceSaysWhoIsBestFromWhereAndWhoToleratesWhat() {
    List<EpochRecord> records = new ArrayList<>();
    addSeeds(records, "wide", 1e-4, 0.960, 0.961, 0.962);
    addSeeds(records, "wide", 1e-3, 0.965, 0.966, 0.967);
    addSeeds(records, "wide", 1e-2, 0.964, 0.966, 0.965);
    addSeeds(records, "narrow", 1e-4, 0.5, 0.6, 0.7);
    addSeeds(records, "narrow", 1e-3, 0.965, 0.967, 0.969);
    addSeeds(records, "narrow", 1e-2, Double.NaN, Double.NaN, Double.NaN);
    addSeeds(records, "poor", 1e-4, 0.1, 0.1, 0.1);
    addSeeds(records, "poor", 1e-3, 0.2, 0.2, 0.2);
    addSeeds(records, "poor", 1e-2, 0.3, 0.3, 0.3);
    List<String> series = List.of("wide", "narrow", "poor");
    assertEquals("The highest test accuracy at the end is 96.7 %, with narrow from 1e-3. No further from it than chance"
        + " explains (two standard errors): wide 96.6 from 1e-3. Lower at best: poor 30.0 from 1e-2. Within 2 points of"
        + " it stay, by initial rate: wide over two decades (1e-4 to 1e-2), narrow at 1e-3 alone; from no rate poor."
        + " Without tuning, take wide, which stays that near over most decades; nobody ends better with the right rate.",
        new Findings(new Results(series, List.of(1e-4, 1e-3, 1e-2), 1, Measure.ACCURACY, records)).sentence());
    List<EpochRecord> one = records.stream().filter(record -> record.run().seed() == 1).toList();
    String sentence = new Findings(new Results(series, List.of(1e-3), 1, Measure.ACCURACY, one)).sentence();
    assertTrue(sentence.contains("One seed cannot tell such differences from chance."), sentence);
    assertTrue(sentence.endsWith("Within 2 points of it come wide, narrow; not poor."), sentence);
  }

  private static String advice(List<String> series, List<Double> rates, int epochs, List<EpochRecord> records) {
    String sentence = new Findings(new Results(series, rates, epochs, Measure.ACCURACY, records)).sentence();
    int start = sentence.indexOf("Without tuning");
    return start < 0 ? "" : sentence.substring(start);
  }

  @Test
  void theLastSentenceSaysWhichToTakeAndWhatTuningWouldBring() {
    List<EpochRecord> records = new ArrayList<>();
    for (double rate : List.of(1e-4, 1e-3, 1e-2)) {
      addSeeds(records, "wide", rate, 0.960, 0.961, 0.962);
      addSeeds(records, "nearer", rate, 0.963, 0.964, 0.965);
      addSeeds(records, "sharp", rate, rate == 1e-3 ? 0.970 : 0.5, rate == 1e-3 ? 0.971 : 0.5, rate == 1e-3 ? 0.972 : 0.5);
    }
    List<Double> rates = List.of(1e-4, 1e-3, 1e-2);
    assertEquals("Without tuning, take nearer, which stays that near over most decades, as far as wide does, and nearer where"
        + " it is worst; sharp ends better, if its rate is right.", advice(List.of("wide", "nearer", "sharp"), rates, 1, records));
    assertEquals("", advice(List.of("wide"), rates, 1, records), "one alone");
    assertEquals("", advice(List.of("wide", "sharp"), rates, 1,
        records.stream().filter(record -> record.run().seed() == 1).toList()), "one seed");
    assertTrue(new Findings(new Results(List.of("wide", "sharp"), List.of(1e-3), 1, Measure.ACCURACY, records)).sentence()
        .endsWith("No optimizer stays near it from more than one rate: tune the rate of sharp, or try others."));
  }

  @Test
  void ofOptimizersAsPublishedTheOneThatIsGoodSoonestIsToBeTaken() {
    List<EpochRecord> records = new ArrayList<>();
    for (int seed = 1; seed <= 3; seed++) {
      double chance = 0.001 * seed;
      double[][] scores = {{0.95, 0.972}, {0.90, 0.973}, {0.96, 0.93}};
      for (int i = 0; i < 3; i++) {
        for (int epoch = 1; epoch <= 2; epoch++) {
          records.add(new EpochRecord(new RunKey("", List.of("soon", "late", "worse").get(i), Double.NaN, seed), epoch, 1, 0.5,
              scores[i][epoch - 1] + chance, 1, 1, 0.1, 0.2, 0.3, false));
        }
      }
    }
    List<Double> rates = List.of(Double.NaN);
    assertEquals("Without tuning, take soon: of those whom the seeds do not tell apart at the end it is ahead after epoch 1.",
        advice(List.of("soon", "late", "worse"), rates, 2, records));
    assertEquals("Without tuning, take late: nobody else ends as well.", advice(List.of("worse", "late"), rates, 2, records));
    assertTrue(new Findings(new Results(List.of("soon", "worse"), rates, 2, Measure.ACCURACY, records)).sentence()
        .startsWith("Each from its default, the highest test accuracy at the end is 97.4 %, with soon. Lower at best: worse 93.2."));
  }

  /** Runs of two epochs of text, seeds from 1; the last score of a list is the second epoch's. */
  private static void addBits(List<EpochRecord> records, String value, String optimizer, double rate, double... bits) {
    for (int seed = 1; seed <= bits.length; seed++) {
      boolean diverged = Double.isNaN(bits[seed - 1]);
      records.add(new EpochRecord(new RunKey(value, optimizer, rate, seed), 1, 1, 4, 4, 1, 1, 0.1, 0.2, 0.3, false));
      records.add(new EpochRecord(new RunKey(value, optimizer, rate, seed), 2, 1, 4, bits[seed - 1], 1, 1, 0.1, 0.2, 0.3,
          diverged));
    }
  }

  private static Results bits(double target) {
    List<EpochRecord> records = new ArrayList<>();
    addBits(records, "", "good", 1e-3, 2.51, 2.50, 2.49);
    addBits(records, "", "good", 1e-2, 2.53, 2.52, 2.54);
    addBits(records, "", "good", 1e-1, 3.0, Double.NaN, 2.6);
    addBits(records, "", "poor", 1e-3, 4.6, 4.7, 4.8);
    addBits(records, "", "poor", 1e-2, 3.3, 3.5, 3.4);
    addBits(records, "", "poor", 1e-1, Double.NaN, Double.NaN, Double.NaN);
    return new Results(List.of("good", "poor"), List.of(1e-3, 1e-2, 0.1), 2, Measure.BITS, target, records);
  }

  @Test
  void whereLessIsBetterTheLowestIsBestAndWhatDivergedIsWorst() {
    Results results = bits(Double.NaN);
    assertEquals((3.0 + 2.6 + 8) / 3, results.score("good", 0.1, 2).score(), 1e-12);
    assertEquals(8, results.score("poor", 0.1, 2).score(), 1e-12);
    assertEquals("The lowest test cross-entropy at the end is 2.500 bits per character, with good from 1e-3. Higher at best:"
        + " poor 3.400 from 1e-2. Within 0.05 bits of it stay, by initial rate: good over one decade (1e-3 to 1e-2); from no"
        + " rate poor. Without tuning, take good, which stays that near over most decades; nobody ends better with the right"
        + " rate.", new Findings(results).sentence());
    assertEquals("2.500 ±0.006", results.score("good", 1e-3, 2).text());
    assertEquals("test cross-entropy, bits per character (lower is better)", Measure.BITS.title());
  }

  @Test
  void whereLessIsBetterTheLowerOfTwoValuesIsMarkedAsBetter() {
    List<EpochRecord> records = new ArrayList<>();
    addBits(records, "low", "nlarcm", 0.1, 2.0, 2.01, 2.02);
    addBits(records, "usual", "nlarcm", 0.1, 2.1, 2.11, 2.12);
    addBits(records, "high", "nlarcm", 0.1, 2.2, 2.21, 2.22);
    Findings.Table table = new Findings(new Results(List.of("nlarcm low", "nlarcm usual", "nlarcm high"), List.of(0.1), 2,
        Measure.BITS, records), value -> "usual").tables().getLast();
    assertEquals(List.of("+", "=", "-"), table.rows().stream().map(row -> row.get(1)).toList());
  }

  @Test
  void theTableTellsWhenTheTargetWasReachedAndByHowMany() {
    Findings.Table table = new Findings(bits(3.0)).tables().getFirst();
    assertEquals(List.of("rate", "good ep. 1", "ep. 2", "to 3.000", "poor ep. 1", "ep. 2", "to 3.000"), table.headings());
    assertEquals(List.of("2.0", "2.0", "2.0 (2 of 3)"), table.rows().stream().map(row -> row.get(3)).toList());
    assertEquals(List.of("never", "never", "never"), table.rows().stream().map(row -> row.get(6)).toList());
    List<EpochRecord> begun = new ArrayList<>();
    addBits(begun, "", "good", 1e-3, 2.0);
    begun.add(new EpochRecord(new RunKey("", "good", 1e-3, 2), 1, 1, 4, 2, 1, 1, 0.1, 0.2, 0.3, false));
    assertEquals(List.of(2), new Results(List.of("good"), List.of(1e-3), 2, Measure.BITS, 3, begun).reachedIn("good", 1e-3),
        "a run that has not come to its end is not counted");
    Findings.Table atOnce = new Findings(bits(4.0)).tables().getFirst();
    assertEquals(List.of("1.0", "1.0", "1.0"), atOnce.rows().stream().map(row -> row.get(6)).toList());
  }

  @Test
  void picturesOfBitsHaveTheirOwnAxisAndWhatLiesBeyondStandsAtItsEnd() {
    List<EpochRecord> records = new ArrayList<>();
    addBits(records, "", "good", 1e-3, 12.0);
    addBits(records, "", "good", 1e-2, 2.5);
    Figure figure = new Figures(new Results(List.of("good"), List.of(1e-3, 1e-2), 2, Measure.BITS, records), "text").robustness();
    Figure.Panel end = figure.panels().getLast();
    assertEquals(List.of(1.0, 8.0), List.of(end.y().least(), end.y().most()));
    assertEquals(List.of(8.0, 2.5), end.lines().getFirst().points().stream().map(Figure.Point::y).toList());
    assertTrue(figure.note().endsWith("a diverged run counts as 8"), figure::note);
  }
}
