package io.nlar.internal;

import io.nlar.Control;
import io.nlar.NonFinite;
import io.nlar.spi.StepEngine;
import io.nlar.spi.StepPlan;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;

/**
 * Warns of steps that are skipped one after another: nothing else shows them, the model just does not learn.
 *
 * <p>An engine that is done when a call returns tells of every step. On others the host looks at the control block, and
 * only where it waits for the latest step anyway.
 */
final class SkipWatch {
  private static final int FIRST = 10;
  private static final int SELDOM = 100;

  private final StepEngine engine;
  private final String device;
  private long inARow;
  private long applied;
  private long skipped;
  private long nextLook = FIRST;

  SkipWatch(StepEngine engine, String device) {
    this.engine = engine;
    this.device = device;
  }

  /** A step is done already. Allocates nothing but a warning. */
  void ran(StepEngine.Outcome outcome, StepPlan plan) {
    if (outcome == StepEngine.Outcome.SKIPPED) {
      count(1, plan);
    } else {
      inARow = 0;
    }
  }

  /** The engine's latest step has been waited for: looks now and then. */
  void waited(long ticket, StepPlan plan) {
    if (ticket >= nextLook) {
      HostBlock control = new HostBlock(engine.control());
      control.load();
      look(control, plan);
      boolean suspicious = inARow < SELDOM && control.get(Control.LAST_SKIPPED) != 0;
      nextLook = ticket + (suspicious ? FIRST : SELDOM);
    }
  }

  /** Looks at a control block that has been read, of an engine that enqueues. */
  void look(HostBlock control, StepPlan plan) {
    long nowApplied = (long) control.get(Control.APPLIED);
    long nowSkipped = (long) control.get(Control.SKIPPED);
    if (nowApplied == applied && nowSkipped >= skipped) {
      count(nowSkipped - skipped, plan);
    } else {
      inARow = 0; // those since the last one applied; how many cannot be told
    }
    applied = nowApplied;
    skipped = nowSkipped;
  }

  private void count(long more, StepPlan plan) {
    long before = inARow;
    inARow += more;
    for (long due = FIRST; due <= inARow; due *= 10) {
      if (due > before) {
        warn(plan);
        return;
      }
    }
  }

  private void warn(StepPlan plan) {
    String message = inARow + " steps in a row were skipped on " + device + ", the last of them because " + reason(plan)
        + ". Values and state stay as they are until a step's gradients are finite: look for where the loss becomes NaN"
        + " or infinite, lower a loss scale, or set NonFinite.FAIL to be told at the first such step";
    try {
      System.getLogger(NonFinite.class.getName()).log(Level.WARNING, message);
    } catch (RuntimeException brokenLog) {
      // The step has been done, and a log that fails does not change that.
    }
  }

  private String reason(StepPlan plan) {
    double[] sums = new double[plan.tensors().size() + 1];
    engine.sumsOfSquares().copyTo(MemorySegment.ofArray(sums));
    int offender = 0;
    while (offender < plan.tensors().size() && Double.isFinite(sums[offender + 1])) {
      offender++;
    }
    return Refusal.reason(plan, offender);
  }
}
