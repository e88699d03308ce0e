package io.nlar.experiments;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Means over seeds, with runs that diverged among them. */
class ResultsTest {
  private static EpochRecord record(long seed, int epoch, double accuracy) {
    boolean diverged = Double.isNaN(accuracy);
    return new EpochRecord(new RunKey("", "nlarcm", 0.1, seed), epoch, diverged ? Double.NaN : 1, 0.5, accuracy, 1, 1,
        0.1, 0.2, 0.3, diverged);
  }

  private final Results results = new Results(List.of("nlarcm"), List.of(0.1), 2, List.of(
      record(1, 1, 0.8), record(1, 2, 0.9), record(2, 1, 0.6), record(2, 2, Double.NaN)));

  @Test
  void meanAndDeviationOfTheSample() {
    Cell first = results.accuracy("nlarcm", 0.1, 1);
    assertEquals(0.7, first.mean(), 1e-15);
    assertEquals(Math.sqrt(0.02), first.deviation(), 1e-15);
    assertEquals("70.0 ±14.1", first.toString());
  }

  @Test
  void whatDivergedCountsAsNothingLearnedAndIsSaid() {
    Cell second = results.accuracy("nlarcm", 0.1, 2);
    assertEquals(0.45, second.score(), 1e-15);
    assertTrue(second.toString().contains("1 of 2 diverged"), second::toString);
    assertTrue(Double.isNaN(results.mean("nlarcm", 0.1, 2, EpochRecord::medianRate)));
    assertEquals(0.2, results.mean("nlarcm", 0.1, 1, EpochRecord::medianRate), 1e-15);
  }

  /** As after a part of a file was lost, or written by two. */
  @Test
  void recordsAreTakenByTheirEpochWhereverTheyStand() {
    Results mixed = new Results(List.of("nlarcm"), List.of(0.1), 3, List.of(record(1, 3, 0.9), record(1, 1, 0.7)));
    assertEquals(0.7, mixed.accuracy("nlarcm", 0.1, 1).mean(), 1e-15);
    assertEquals(0, mixed.accuracy("nlarcm", 0.1, 2).runs());
    assertEquals(0.9, mixed.accuracy("nlarcm", 0.1, 3).mean(), 1e-15);
    assertEquals(0.2, mixed.mean("nlarcm", 0.1, 3, EpochRecord::medianRate), 1e-15);
  }

  @Test
  void runsThatAreNotThereYetAreNotFailures() {
    Results begun = new Results(List.of("nlarcm"), List.of(0.1), 2, List.of(record(1, 1, 0.8)));
    assertEquals(0, begun.accuracy("nlarcm", 0.1, 2).runs());
    assertEquals("No run has come to its end yet.", new Findings(begun).sentence());
  }
}
