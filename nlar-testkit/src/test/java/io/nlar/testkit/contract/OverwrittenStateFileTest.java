package io.nlar.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.DType;
import io.nlar.Restore;
import io.nlar.Slot;
import io.nlar.StateFileException;
import io.nlar.StepConfig;
import io.nlar.StepFailedException;
import io.nlar.testkit.DeviceModel;
import io.nlar.testkit.GroupSpec;
import io.nlar.testkit.HostValues;
import io.nlar.testkit.Layout;
import io.nlar.testkit.TensorSpec;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** State files that other programs overwrite in place while they are restored: nothing is loaded that was not checked. */
@Timeout(60)
class OverwrittenStateFileTest {
  private static List<GroupSpec> groups(int length) {
    return List.of(GroupSpec.of(StepConfig.nlarcm(), DType.FLOAT32, new TensorSpec("w", length)));
  }

  private static final List<GroupSpec> LARGE = groups(1_000_000);
  private static final int SMALL_LENGTH = 80_000;
  private static final List<GroupSpec> SMALL = groups(SMALL_LENGTH);

  @TempDir
  private Path folder;

  /** As {@code cp} does: other bytes in the same file, of a part of its length. */
  private static void overwrite(Path file, double from) {
    try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
      out.seek((long) (out.length() * from));
      out.write(new byte[(int) (out.length() - out.getFilePointer())]);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Saves a state that is nowhere 0. */
  private Path saved(DeviceModel model, double value) throws IOException {
    for (Slot slot : StepConfig.nlarcm().slots()) {
      double[] state = new double[(int) model.step().state("w", slot).length()];
      Arrays.fill(state, value);
      HostValues.write(model.step().state("w", slot), state);
    }
    Path file = folder.resolve("state");
    model.step().save(file);
    return file;
  }

  private static double lastWeight(DeviceModel model) {
    double[] weights = HostValues.read(model.step().state("w", Slot.WEIGHT));
    return weights[weights.length - 1];
  }

  @Test
  void afterAPartWasLoadedTheStateIsUndefinedAndSaysSo() throws IOException {
    Runnable[] onWrite = {() -> { }};
    Sabotage overwriting = new Sabotage() {
      @Override
      public void beforeWrite() {
        onWrite[0].run();
      }
    };
    try (ReferenceDevice device = new ReferenceDevice(overwriting);
        DeviceModel model = new DeviceModel(device, LARGE, Layout.ALLOCATED)) {
      Path file = saved(model, 0.5);
      onWrite[0] = () -> overwrite(file, 0.5);
      String message = assertThrows(StepFailedException.class, () -> model.step().restore(file, Restore.STRICT))
          .getMessage();
      assertTrue(message.contains(file.toString()) && message.contains("was overwritten while it was restored"), message);
      onWrite[0] = () -> { };
      message = assertThrows(StepFailedException.class, model.step()::run).getMessage();
      assertTrue(message.contains("was overwritten"), message);
    }
  }

  @Test
  void beforeAnythingWasLoadedTheStateIsAsBefore() throws Exception {
    try (ReferenceDevice device = new ReferenceDevice();
        DeviceModel model = new DeviceModel(device, LARGE, Layout.ALLOCATED)) {
      Path file = saved(model, 0.5);
      FutureTask<Void> restore = restoreBetween(device, model, file, () -> {
        model.step().run(1, 1); // here, since a restore that was faster sets the counter back
        overwrite(file, 0);
      });
      Throwable failure = assertThrows(ExecutionException.class, restore::get).getCause();
      assertEquals(StateFileException.class, failure.getClass());
      assertTrue(failure.getMessage().contains(file + ": the file was overwritten"), failure.getMessage());
      assertEquals(1, model.step().stats().applied());
      model.step().run(1, 1);
    }
  }

  /** A state that takes no more than a block is read once. */
  @Test
  void aSmallStateIsLoadedAsItWasChecked() throws Exception {
    try (ReferenceDevice device = new ReferenceDevice();
        DeviceModel model = new DeviceModel(device, SMALL, Layout.ALLOCATED)) {
      Path file = saved(model, 0.5);
      FutureTask<Void> restore = restoreBetween(device, model, file, () -> {
        HostValues.write(model.step().state("w", Slot.WEIGHT), new double[SMALL_LENGTH]);
        overwrite(file, 0);
      });
      restore.get();
      assertEquals(0.5, lastWeight(model));
    }
  }

  /** As {@link io.nlar.Step#save} does it: whoever has the old file open reads the old file. */
  @Test
  void anotherFileInItsPlaceDoesNoHarm() throws Exception {
    try (ReferenceDevice device = new ReferenceDevice();
        DeviceModel model = new DeviceModel(device, LARGE, Layout.ALLOCATED)) {
      Path file = saved(model, 0.5);
      FutureTask<Void> restore = restoreBetween(device, model, file, () -> {
        try {
          saved(model, 0.25);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      });
      restore.get();
      assertEquals(0.5, lastWeight(model));
      model.step().restore(file, Restore.STRICT);
      assertEquals(0.25, lastWeight(model));
    }
  }

  /**
   * Restores in another thread, and makes a change when the file is checked and nothing loaded: while this thread holds
   * the device, for which the other one then waits. A restore that was faster is tried again.
   */
  private static FutureTask<Void> restoreBetween(ReferenceDevice device, DeviceModel model, Path file, Runnable change)
      throws Exception {
    for (int attempt = 0; attempt < 200; attempt++) {
      FutureTask<Void> restore = new FutureTask<>(() -> {
        model.step().restore(file, Restore.STRICT);
        return null;
      });
      Thread thread = new Thread(restore);
      device.lock().lock();
      try {
        thread.start();
        awaitQueued(device, thread, true); // it asks whether the step can be used
      } finally {
        device.lock().unlock();
      }
      awaitQueued(device, thread, false);
      device.lock().lock();
      boolean between;
      try {
        between = awaitQueued(device, thread, true);
        if (between) {
          change.run();
        }
      } finally {
        device.lock().unlock();
      }
      thread.join();
      if (between) {
        return restore;
      }
    }
    throw new AssertionError("every restore was faster than this thread");
  }

  /** Whether a thread came to wait for the device, or no longer waits, before it ended. */
  private static boolean awaitQueued(ReferenceDevice device, Thread thread, boolean queued) {
    while (device.lock().hasQueuedThread(thread) != queued) {
      if (!thread.isAlive()) {
        return false;
      }
      Thread.onSpinWait();
    }
    return true;
  }
}
