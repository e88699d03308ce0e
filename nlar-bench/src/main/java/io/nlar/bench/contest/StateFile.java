package io.nlar.bench.contest;

import io.nlar.Restore;
import io.nlar.Slot;
import io.nlar.Step;
import io.nlar.StepConfig;
import io.nlar.bench.harness.Contestant;
import io.nlar.bench.harness.VerificationException;
import io.nlar.testkit.HostValues;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Saving the state to a file in the folder for temporary files, or restoring it from there.
 *
 * @param restore whether the file is read and not written
 */
public record StateFile(boolean restore) implements Entrant {
  private static final NlarStep STEP = new NlarStep("", StepConfig.nlarcm());

  @Override
  public String name() {
    return restore ? "Nlar restore" : "Nlar save";
  }

  @Override
  public Kind kind() {
    return Kind.PART;
  }

  @Override
  public double trafficBytes(Workload workload) {
    return (double) memoryBytes(workload) / workload.size();
  }

  @Override
  public long memoryBytes(Workload workload) {
    return STEP.memoryBytes(workload);
  }

  @Override
  public Contestant open(Tensors tensors) {
    Step step = STEP.compile(tensors);
    Path file;
    try {
      file = Files.createTempFile("nlar-bench", ".safetensors");
      step.save(file);
    } catch (IOException e) {
      step.close();
      throw new UncheckedIOException("the state cannot be saved to the folder for temporary files: " + e.getMessage(), e);
    }
    return new Contestant() {
      @Override
      public void verify() {
        step.await(step.run(1, 1));
        double[] before = velocity();
        run(1);
        step.await(step.run(1, 1));
        once(true);
        double[] after = velocity();
        // A saved state comes back; restoring alone brings back the start, where the velocity is 0.
        for (int i = 0; i < after.length; i++) {
          if (after[i] != (restore ? 0 : before[i])) {
            throw new VerificationException("element " + i + " of the velocity was restored as " + after[i]);
          }
        }
      }

      private double[] velocity() {
        long count = Math.min(Tensors.PERIOD, tensors.workload().size());
        return HostValues.read(step.state("tensor0", Slot.VELOCITY).slice(0, count));
      }

      @Override
      public void run(long times) {
        for (long i = 0; i < times; i++) {
          once(restore);
        }
      }

      private void once(boolean read) {
        try {
          if (read) {
            step.restore(file, Restore.STRICT);
          } else {
            step.save(file);
          }
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }

      @Override
      public void close() {
        step.close();
        try {
          Files.deleteIfExists(file);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    };
  }
}
