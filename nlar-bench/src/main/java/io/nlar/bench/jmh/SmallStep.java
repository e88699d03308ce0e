package io.nlar.bench.jmh;

import io.nlar.Backends;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.Step;
import io.nlar.StepConfig;
import io.nlar.bench.contest.NlarStep;
import io.nlar.bench.contest.Tensors;
import io.nlar.bench.contest.Workload;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A step over few parameters: what it costs to launch one, and what it allocates ({@code -prof gc}: gc.alloc.rate.norm).
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgsAppend = {
    "--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED", "-Dnlar.cpu.vectors-after=0"})
public class SmallStep {
  /** After so many steps that were only enqueued they are waited for, or the device's queue would fill up. */
  private static final int QUEUED = 64;

  /** Selector of the device. */
  @Param("cpu")
  public String device;

  /** Number of parameters. */
  @Param({"0", "1024", "65536"})
  public int size;

  /** Into how many tensors they are cut. */
  @Param("1")
  public int tensors;

  private Device opened;
  private Step step;
  private int queued;

  /** Opens the device and compiles. */
  @Setup(Level.Trial)
  public void open() {
    opened = Backends.open(device);
    Tensors memory = new Tensors(opened, new Workload(opened.info(), DType.FLOAT32, size, 1));
    step = new NlarStep("", StepConfig.nlarcm(), tensors).compile(memory);
  }

  /** Closes them. */
  @TearDown(Level.Trial)
  public void close() {
    opened.close();
  }

  /** Reduce and apply, until they are done. */
  @Benchmark
  public long runAndAwait() {
    long ticket = step.run(1, 1);
    step.await(ticket);
    return ticket;
  }

  /** Reduce and apply, enqueued; waited for after every {@value #QUEUED}th. */
  @Benchmark
  public long run() {
    long ticket = step.run();
    waitNowAndThen();
    return ticket;
  }

  /** The first pass alone, enqueued; waited for after every {@value #QUEUED}th. */
  @Benchmark
  public void reduce() {
    step.reduce();
    waitNowAndThen();
  }

  private void waitNowAndThen() {
    if (++queued == QUEUED) {
      queued = 0;
      opened.synchronize();
    }
  }
}
