package io.nlar.bench.cpu;

import io.nlar.Buffer;
import io.nlar.Slot;
import io.nlar.Step;
import io.nlar.bench.contest.Entrant;
import io.nlar.bench.contest.PassesEntrant;
import io.nlar.bench.contest.Tensors;
import io.nlar.bench.contest.Workload;
import io.nlar.bench.harness.Contestant;
import io.nlar.bench.harness.VerificationException;
import io.nlar.spi.device.AbstractBuffer;
import io.nlar.testkit.HostValues;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The roofline of the CPU: both passes of a step with momentum without arithmetic, over the very buffers of a compiled
 * step, so that pages and placement are the same.
 */
public final class CpuPasses implements PassesEntrant {
  private final PassShape shape;

  private CpuPasses(PassShape shape) {
    this.shape = shape;
  }

  /** One entrant for each shape of the passes. */
  public static List<Entrant> shapes() {
    return Stream.of(PassShape.values()).<Entrant>map(CpuPasses::new).toList();
  }

  /** The shape that needs no warm-up, where it can be used; else all shapes. */
  public static List<Entrant> fewestShapes() {
    return PassShape.C.problem().isEmpty() ? List.of(new CpuPasses(PassShape.C)) : shapes();
  }

  @Override
  public String name() {
    return NAME + ": " + shape.label();
  }

  @Override
  public Optional<String> unavailable(Workload workload) {
    return shape.problem();
  }

  @Override
  public long memoryBytes(Workload workload) {
    return 0;
  }

  @Override
  public boolean sharesStep() {
    return true;
  }

  @Override
  public Contestant open(Tensors tensors) {
    return new Passes(name(), tensors, shape.kernel());
  }

  /** A kernel over the buffers of a step. */
  static final class Passes implements Contestant {
    private final String name;
    private final Tensors tensors;
    private final PassKernel kernel;
    private final Buffer[] arrays;
    private final long[] addresses;
    private final int element;
    private final long length;
    private final Workers workers;

    Passes(String name, Tensors tensors, PassKernel kernel) {
      Step step = tensors.sharedStep();
      this.name = name;
      this.tensors = tensors;
      this.kernel = kernel;
      this.arrays = new Buffer[] {tensors.values(), step.state("tensor0", Slot.VELOCITY),
          step.state("tensor0", Slot.RATE), step.state("tensor0", Slot.WEIGHT)};
      this.addresses = Arrays.stream(arrays).mapToLong(CpuPasses::address).toArray();
      this.element = tensors.workload().type().bytes();
      // Whole units only: what is less than one is left out.
      int unit = PassKernel.UNIT_BYTES / element;
      this.length = tensors.workload().size() / unit * unit;
      this.workers = new Workers(tensors.workload().threads());
    }

    private long reduce() {
      long g = address(tensors.gradients());
      return workers.run(length, (from, count) -> kernel.reduce(g + from * element, count * element));
    }

    /** From the end: the gradients that were read last are still in a cache. */
    private long apply() {
      long g = address(tensors.gradients());
      return workers.runBackward(length, (from, count) -> {
        long at = from * element;
        return kernel.apply(g + at, addresses[0] + at, addresses[1] + at, addresses[2] + at, addresses[3] + at,
            count * element);
      });
    }

    /** Each array gets numbers of its own; one run must carry all of them one array further, and have seen all of g. */
    @Override
    public void verify() {
      double[][] before = new double[arrays.length][];
      for (int i = 0; i < arrays.length; i++) {
        int number = i;
        before[i] = Arrays.stream(tensors.valuePattern())
            .map(value -> arrays[number].type().round(value + 3 * number)).toArray();
        Tensors.repeat(arrays[i], before[i]);
      }
      long seen = seenOfGradients();
      check("reduce", reduce(), seen);
      check("apply", apply(), seen);
      for (int i = 0; i < arrays.length; i++) {
        long at = Tensors.mismatch(arrays[i], before[(i + 1) % arrays.length], length);
        if (at >= 0) {
          throw new VerificationException(
              "element " + at + " of array " + i + " is not what " + name + " should have moved there");
        }
      }
    }

    private void check(String pass, long actual, long expected) {
      if (actual != expected) {
        throw new VerificationException(
            name + ": " + pass + " added the gradients' words up to " + actual + ", expected " + expected);
      }
    }

    private long seenOfGradients() {
      double[] pattern = tensors.gradientPattern();
      MemorySegment period = HostValues.segment(tensors.workload().type(), pattern);
      return length / pattern.length * words(period, pattern.length) + words(period, length % pattern.length);
    }

    private long words(MemorySegment period, long count) {
      long sum = 0;
      for (long at = 0; at + Long.BYTES <= count * element; at += Long.BYTES) {
        sum += period.get(ValueLayout.JAVA_LONG_UNALIGNED, at);
      }
      return sum;
    }

    @Override
    public void run(long times) {
      for (long i = 0; i < times; i++) {
        reduce();
        apply();
      }
    }

    @Override
    public void close() {
      workers.close();
    }
  }

  /** The native address of a buffer of the CPU's. */
  static long address(Buffer buffer) {
    return ((AbstractBuffer) buffer).extent().start();
  }
}
