package io.nlar.bench.jmh;

import io.nlar.Backends;
import io.nlar.Buffer;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.Parameter;
import io.nlar.ParameterGroup;
import io.nlar.Step;
import io.nlar.StepConfig;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
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
@Fork(value = 2, jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
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
    Buffer values = opened.allocate(DType.FLOAT32, size);
    Buffer gradients = opened.allocate(DType.FLOAT32, size);
    float[] random = new float[size];
    SplittableRandom source = new SplittableRandom(size);
    for (int i = 0; i < size; i++) {
      random[i] = source.nextFloat() - 0.5f;
    }
    values.copyFrom(MemorySegment.ofArray(random));
    gradients.copyFrom(MemorySegment.ofArray(random));
    List<Parameter> parameters = new ArrayList<>();
    int length = size / tensors;
    for (int i = 0; i < tensors; i++) {
      parameters.add(new Parameter("tensor" + i,
          values.slice((long) i * length, length), gradients.slice((long) i * length, length)));
    }
    step = opened.compile(List.of(new ParameterGroup(StepConfig.nlarcm(), parameters)));
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
