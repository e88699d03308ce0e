package io.nlar.bench.contest;

import io.nlar.Buffer;
import io.nlar.Device;
import io.nlar.Parameter;
import io.nlar.ParameterGroup;
import io.nlar.Step;
import io.nlar.StepConfig;
import io.nlar.testkit.HostValues;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The values and gradients of a race, one allocation each. Both repeat a pattern of at most {@value #PERIOD} elements,
 * so that results on any size are compared with the scalar reference on one period.
 */
public final class Tensors implements AutoCloseable {
  /** Elements after which values and gradients repeat. */
  public static final int PERIOD = 65_536;

  private static final double GRADIENT_SCALE = 1e-3;
  private static final StepConfig SHARED = StepConfig.nlarcm();

  private final Workload workload;
  private final Device device;
  private final Buffer values;
  private final Buffer gradients;
  private final double[] valuePattern;
  private final double[] gradientPattern;
  private Step sharedStep;

  /** Allocates on {@code device} and fills. */
  public Tensors(Device device, Workload workload) {
    this.workload = workload;
    this.device = device;
    int period = (int) Math.min(workload.size(), PERIOD);
    SplittableRandom random = new SplittableRandom(workload.size());
    valuePattern = random.doubles(period, -1, 1).map(workload.type()::round).toArray();
    gradientPattern =
        random.doubles(period, -GRADIENT_SCALE, GRADIENT_SCALE).map(workload.type()::round).toArray();
    values = device.allocate(workload.type(), workload.size());
    try {
      gradients = device.allocate(workload.type(), workload.size());
    } catch (RuntimeException | Error failure) {
      values.close();
      throw failure;
    }
    repeat(gradients, gradientPattern);
    resetValues();
  }

  /** What the race is about. */
  public Workload workload() {
    return workload;
  }

  /** The device. */
  public Device device() {
    return device;
  }

  /** θ of all parameters. */
  public Buffer values() {
    return values;
  }

  /** g of all parameters; not to be changed. */
  public Buffer gradients() {
    return gradients;
  }

  /** One period of θ at the start, numbers of the element type. */
  public double[] valuePattern() {
    return valuePattern.clone();
  }

  /** One period of g. */
  public double[] gradientPattern() {
    return gradientPattern.clone();
  }

  /** The sum of squares of all gradients, to about 15 digits. */
  public double sumOfSquares() {
    long periods = workload.size() / gradientPattern.length;
    int rest = (int) (workload.size() % gradientPattern.length);
    return periods * squares(gradientPattern.length) + squares(rest);
  }

  private double squares(int count) {
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += gradientPattern[i] * gradientPattern[i];
    }
    return sum;
  }

  /** Sets θ to its start values. */
  public void resetValues() {
    repeat(values, valuePattern);
  }

  /**
   * A step with momentum over one tensor, for everybody who needs its memory but does not run it; its state may be
   * overwritten. Closed with this.
   */
  public Step sharedStep() {
    if (sharedStep == null) {
      sharedStep = device.compile(List.of(new ParameterGroup(SHARED, parameters(1))));
    }
    return sharedStep;
  }

  /** Bytes that {@link #sharedStep} allocates. */
  static long sharedStateBytes(Workload workload) {
    return SHARED.stateBytes(workload.type(), workload.size());
  }

  /** Fills {@code buffer} with {@code pattern}, again and again. */
  public static void repeat(Buffer buffer, double[] pattern) {
    if (pattern.length < Math.min(PERIOD, buffer.length())) {
      double[] several = new double[PERIOD / pattern.length * pattern.length];
      Arrays.setAll(several, i -> pattern[i % pattern.length]);
      if (several.length > pattern.length) {
        repeat(buffer, several);
        return;
      }
    }
    MemorySegment period = HostValues.segment(buffer.type(), pattern);
    for (long at = 0; at < buffer.length(); at += pattern.length) {
      long count = Math.min(pattern.length, buffer.length() - at);
      try (Buffer part = buffer.slice(at, count)) {
        part.copyFrom(period.asSlice(0, count * buffer.type().bytes()));
      }
    }
  }

  /**
   * The first element in which {@code buffer} differs from {@code expected}, repeated; −1 if none does.
   *
   * @param limit how many elements to compare
   */
  public static long mismatch(Buffer buffer, double[] expected, long limit) {
    MemorySegment period = HostValues.segment(buffer.type(), expected);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment host = arena.allocate(period.byteSize(), buffer.type().bytes());
      for (long at = 0; at < limit; at += expected.length) {
        long count = Math.min(expected.length, limit - at);
        long bytes = count * buffer.type().bytes();
        try (Buffer part = buffer.slice(at, count)) {
          part.copyTo(host.asSlice(0, bytes));
        }
        long difference = host.asSlice(0, bytes).mismatch(period.asSlice(0, bytes));
        if (difference >= 0) {
          return at + difference / buffer.type().bytes();
        }
      }
      return -1;
    }
  }

  /** The same memory as {@code count} parameters of equal length (the first ones longer by one where it does not divide). */
  public List<Parameter> parameters(int count) {
    List<Parameter> parameters = new ArrayList<>();
    long start = 0;
    for (int i = 0; i < count; i++) {
      long length = workload.size() / count + (i < workload.size() % count ? 1 : 0);
      parameters.add(new Parameter("tensor" + i, values.slice(start, length), gradients.slice(start, length)));
      start += length;
    }
    return parameters;
  }

  @Override
  public void close() {
    if (sharedStep != null) {
      sharedStep.close();
    }
    values.close();
    gradients.close();
  }
}
