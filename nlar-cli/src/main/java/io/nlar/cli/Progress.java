package io.nlar.cli;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import picocli.CommandLine.Model.UsageMessageSpec;

/**
 * Tells on standard error how far a task is: a bar that is drawn over and vanishes at the end where standard error is a
 * terminal; elsewhere a plain line now and then, once the task takes longer than two seconds.
 */
public final class Progress implements AutoCloseable {
  private static final int BAR_UPDATE_MILLIS = 500;
  private static final int NARROWEST = 72;
  private static final int FIRST_LINE_SECONDS = 2;
  private static final int NEXT_LINE_SECONDS = 10;

  private final String task;
  private final long total;
  private final AtomicLong done = new AtomicLong();
  private volatile String current = "";
  private final ProgressBar bar;
  private final ScheduledExecutorService lines;

  private Progress(String task, long total, boolean interactive) {
    this.task = task;
    this.total = total;
    this.bar = interactive ? bar(task, total) : null;
    this.lines = interactive ? null : Executors.newSingleThreadScheduledExecutor(
        Thread.ofPlatform().daemon().name("nlar-progress").factory());
    if (lines != null) {
      lines.scheduleWithFixedDelay(this::line, FIRST_LINE_SECONDS, NEXT_LINE_SECONDS, TimeUnit.SECONDS);
    }
  }

  /** Starts to tell about {@code task}, which has {@code total} steps. */
  public static Progress start(String task, long total) {
    return new Progress(task, total, Terminal.error().interactive());
  }

  private static ProgressBar bar(String task, long total) {
    int width = Math.max(NARROWEST, new UsageMessageSpec().autoWidth(true).width());
    return new ProgressBarBuilder()
        .setTaskName(task)
        .setInitialMax(total)
        .setStyle(Terminal.error().colour() ? ProgressBarStyle.COLORFUL_UNICODE_BLOCK : ProgressBarStyle.ASCII)
        .setUpdateIntervalMillis(BAR_UPDATE_MILLIS)
        .startsFrom(0, Duration.ZERO)
        .setConsumer(new ConsoleProgressBarConsumer(System.err, width - 1))
        .clearDisplayOnFinish()
        .build();
  }

  /** Says what is being done now. */
  public Progress at(String what) {
    current = what;
    if (bar != null) {
      bar.setExtraMessage(" " + what);
    }
    return this;
  }

  /** One more step is done. */
  public void step() {
    step(1);
  }

  /** {@code count} more steps are done. */
  public void step(long count) {
    done.addAndGet(count);
    if (bar != null) {
      bar.stepBy(count);
    }
  }

  private void line() {
    System.err.println(task + ": " + done + " of " + total + (current.isEmpty() ? "" : ", " + current));
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    } else {
      lines.shutdownNow();
    }
  }
}
