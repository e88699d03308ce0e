package io.nlar.cpu;

import io.nlar.Control;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.Parameter;
import io.nlar.ParameterGroup;
import io.nlar.Step;
import io.nlar.StepConfig;
import io.nlar.StepFailedException;
import io.nlar.testkit.HostValues;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * Runs steps from deeper and deeper in a stack, to its end. Each must have run as a whole, or have changed nothing, or
 * say that it failed; and other threads go on using the device. Prints what became of them; ends with an error or not at
 * all where one of them broke.
 */
final class NearOverflow {
  private static final int ELEMENTS = 1100;
  private static final int STACK_BYTES = 512 << 10;
  /** How many of the last calls before the overflow are tried: more stack than a step takes. */
  private static final int LAST = 2500;

  private final int rounds;
  private final int stride;
  private int ran;
  private int refused;
  private int poisoned;

  private NearOverflow(int rounds, int stride) {
    this.rounds = rounds;
    this.stride = stride;
  }

  /** Arguments: the number of rounds, and how many depths further the next one is. */
  public static void main(String[] args) throws Exception {
    NearOverflow test = new NearOverflow(Integer.parseInt(args[0]), Integer.parseInt(args[1]));
    CompletableFuture<Void> result = new CompletableFuture<>();
    Thread thread = new Thread(null, () -> {
      try {
        test.all();
        result.complete(null);
      } catch (Throwable failure) {
        result.completeExceptionally(failure);
      }
    }, "deep", STACK_BYTES);
    thread.setDaemon(true);
    thread.start();
    result.get(100, TimeUnit.SECONDS);
    System.out.println(test.ran + " ran, " + test.refused + " refused, " + test.poisoned + " poisoned");
  }

  /** A step over arrays, and one beside it that is run as often, from a shallow stack. */
  private static final class Pair {
    final float[] values = new float[ELEMENTS];
    final float[] twinValues = new float[ELEMENTS];
    final Step step;
    final Step twin;

    Pair(Device device) {
      step = compile(device, values);
      twin = compile(device, twinValues);
    }

    private static Step compile(Device device, float[] values) {
      float[] gradients = new float[ELEMENTS];
      Arrays.fill(gradients, 0.25f);
      return device.compile(List.of(new ParameterGroup(StepConfig.nlarcm(), List.of(new Parameter("w",
          device.wrap(DType.FLOAT32, MemorySegment.ofArray(values)),
          device.wrap(DType.FLOAT32, MemorySegment.ofArray(gradients)))))));
    }
  }

  private void all() throws Exception {
    try (Device device = Devices.open(3)) {
      Pair pair = new Pair(device);
      for (int round = 0; round < rounds; round++) {
        int deepest = deepest();
        for (int depth = Math.max(1, deepest - LAST); depth < deepest + 20; depth += stride) {
          if (!tryAt(depth, pair)) {
            pair = new Pair(device);
          }
        }
      }
    }
  }

  /** Whether the step can be used further. */
  private boolean tryAt(int depth, Pair pair) throws Exception {
    boolean returned = false;
    try {
      dive(depth, pair.step);
      returned = true;
    } catch (StackOverflowError overflow) {
      // what is expected; whether something changed is seen below
    } catch (StepFailedException failed) {
      // it says so, and so it must from now on
    }
    long applied;
    try {
      applied = CompletableFuture.supplyAsync(() -> applied(pair.step)).get(20, TimeUnit.SECONDS);
    } catch (ExecutionException failed) {
      if (!(failed.getCause() instanceof StepFailedException)) {
        throw failed;
      }
      poisoned++;
      return false;
    }
    long before = applied(pair.twin);
    if (returned) {
      ran++;
      pair.twin.run();
      before++;
    } else {
      refused++;
    }
    if (applied != before) {
      throw new AssertionError("at depth " + depth + " the step " + (returned ? "returned" : "was refused") + ", but "
          + applied + " were applied, not " + before);
    }
    if (!Arrays.equals(pair.values, pair.twinValues)) {
      throw new AssertionError("at depth " + depth + " the values are those of no step");
    }
    return true;
  }

  private static long applied(Step step) {
    return (long) HostValues.read(step.control())[Control.APPLIED.ordinal()];
  }

  private static int deepest() {
    int low = 1;
    int high = 1 << 20;
    while (high - low > 1) {
      int middle = (low + high) / 2;
      try {
        dive(middle, null);
        low = middle;
      } catch (StackOverflowError overflow) {
        high = middle;
      }
    }
    return low;
  }

  private static void dive(int depth, Step step) {
    if (depth > 1) {
      dive(depth - 1, step);
    } else if (step != null) {
      step.run();
    }
  }
}
