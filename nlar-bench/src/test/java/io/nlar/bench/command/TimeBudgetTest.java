package io.nlar.bench.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class TimeBudgetTest {
  private long now;

  private TimeBudget budget(double weights) {
    return new TimeBudget(Duration.ofSeconds(60), weights, () -> now);
  }

  private void spend(int seconds) {
    now += Duration.ofSeconds(seconds).toNanos();
  }

  @Test
  void sharesFollowTheWeights() {
    TimeBudget budget = budget(6);
    assertEquals(Duration.ofSeconds(10), budget.next(1));
    spend(10);
    assertEquals(Duration.ofSeconds(20), budget.next(2));
    spend(20);
    assertEquals(Duration.ofSeconds(30), budget.next(3));
  }

  @Test
  void whatIsSavedOrOverrunIsSharedByTheOthers() {
    TimeBudget saving = budget(3);
    saving.next(1);
    assertEquals(Duration.ofSeconds(30), saving.next(1));
    assertEquals(Duration.ofSeconds(60), saving.next(1));
    TimeBudget overrun = budget(3);
    overrun.next(1);
    spend(50);
    assertEquals(Duration.ofSeconds(5), overrun.next(1));
    spend(12);
    assertTrue(overrun.next(1).isNegative());
  }
}
