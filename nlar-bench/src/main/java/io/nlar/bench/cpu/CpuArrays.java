package io.nlar.bench.cpu;

import io.nlar.Buffer;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.bench.contest.ArrayLibrary;
import io.nlar.bench.contest.Tensors;
import io.nlar.testkit.HostValues;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.DoubleAdder;

/** Float32 arrays in the CPU device's own memory, worked on by several threads with {@link ArrayOperations}. */
final class CpuArrays implements ArrayLibrary<Buffer> {
  private final Device device;
  private final long length;
  private final long whole;
  private final Workers workers;
  private final List<Buffer> owned = new ArrayList<>();

  /** Arrays of {@code length} elements. */
  CpuArrays(Device device, long length, int threads) {
    this.device = device;
    this.length = length;
    // Whole vectors: the last one's rest is zero, and nobody reads its results.
    int unit = PassKernel.UNIT_BYTES / Float.BYTES;
    this.whole = Math.ceilDiv(length, unit) * unit;
    this.workers = new Workers(threads);
  }

  /** One operation on {@code bytes} bytes that start {@code at} bytes behind the start of each array. */
  private interface Operation {
    void run(long at, long bytes);
  }

  private void pass(Operation operation) {
    workers.run(whole, (from, count) -> {
      operation.run(from * Float.BYTES, count * Float.BYTES);
      return 0;
    });
  }

  private static long start(Buffer array) {
    return CpuPasses.address(array);
  }

  @Override
  public Buffer array(double[] pattern) {
    Buffer array = device.allocate(DType.FLOAT32, whole);
    owned.add(array);
    try (Buffer elements = array.slice(0, length)) {
      Tensors.repeat(elements, pattern);
    }
    return array;
  }

  @Override
  public double[] read(Buffer x, int count) {
    try (Buffer first = x.slice(0, Math.min(count, length))) {
      return HostValues.read(first);
    }
  }

  @Override
  public double norm(Buffer x) {
    long from = start(x);
    DoubleAdder sum = new DoubleAdder();
    pass((at, bytes) -> sum.add(ArrayOperations.sumOfSquares(from + at, bytes)));
    return Math.sqrt(sum.sum());
  }

  @Override
  public void scale(double a, Buffer x, Buffer z) {
    pass((at, bytes) -> ArrayOperations.scale((float) a, start(x) + at, start(z) + at, bytes));
  }

  @Override
  public void shift(double a, Buffer x, Buffer z) {
    pass((at, bytes) -> ArrayOperations.shift((float) a, start(x) + at, start(z) + at, bytes));
  }

  @Override
  public void abs(Buffer x, Buffer z) {
    pass((at, bytes) -> ArrayOperations.abs(start(x) + at, start(z) + at, bytes));
  }

  @Override
  public void reciprocal(double a, Buffer x, Buffer z) {
    pass((at, bytes) -> ArrayOperations.reciprocal((float) a, start(x) + at, start(z) + at, bytes));
  }

  @Override
  public void add(Buffer x, Buffer y, Buffer z) {
    pass((at, bytes) -> ArrayOperations.add(start(x) + at, start(y) + at, start(z) + at, bytes));
  }

  @Override
  public void subtract(Buffer x, Buffer y, Buffer z) {
    pass((at, bytes) -> ArrayOperations.subtract(start(x) + at, start(y) + at, start(z) + at, bytes));
  }

  @Override
  public void multiply(Buffer x, Buffer y, Buffer z) {
    pass((at, bytes) -> ArrayOperations.multiply(start(x) + at, start(y) + at, start(z) + at, bytes));
  }

  @Override
  public void divide(Buffer x, Buffer y, Buffer z) {
    pass((at, bytes) -> ArrayOperations.divide(start(x) + at, start(y) + at, start(z) + at, bytes));
  }

  @Override
  public void finish() {
    // Every operation is done when it returns.
  }

  @Override
  public void close() {
    workers.close();
    owned.forEach(Buffer::close);
  }
}
