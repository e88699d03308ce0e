package io.nlar.experiments;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Ctrl-C: asks the work to stop, and holds the end of the process back until the results are written. */
final class Interruption {
  private static final int PATIENCE_SECONDS = 60;

  private final CountDownLatch finished = new CountDownLatch(1);
  private volatile boolean requested;
  private Thread hook;

  private Interruption() {}

  static Interruption install() {
    Interruption interruption = new Interruption();
    interruption.hook = new Thread(interruption::request, "nlar-interruption");
    Runtime.getRuntime().addShutdownHook(interruption.hook);
    return interruption;
  }

  private void request() {
    requested = true;
    try {
      if (!finished.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        System.err.println("nlar: the results could not be written in time; runs.csv is complete");
      }
    } catch (InterruptedException hurried) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether the work shall stop. */
  boolean requested() {
    return requested;
  }

  /** The results are written. */
  void finished() {
    finished.countDown();
    if (!requested) {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException ending) {
        // The process ends already, and the hook has nothing left to wait for.
      }
    }
  }
}
