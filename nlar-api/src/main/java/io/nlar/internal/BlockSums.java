package io.nlar.internal;

import io.nlar.DType;
import io.nlar.spi.EngineBuffer;
import io.nlar.spi.EngineDevice;
import io.nlar.spi.StandardArithmetic;
import io.nlar.spi.StepEngine;
import io.nlar.spi.StepPlan;
import io.nlar.spi.TensorPlan;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/**
 * The sums of squares of the blocks of all whole tensors, and what the fixed shape of docs/numerics.md makes of them. What is
 * above the blocks is a thousandth of the work, and is done on the host, through which the others' sums come in any case.
 */
final class BlockSums implements AutoCloseable {
  private static final int BLOCK = StepPlan.BLOCK;
  private static final int LANES = 32;

  private final StepPlan plan;
  private final EngineBuffer buffer;
  private final double[] values;
  private final double[] lanes = new double[LANES];

  /** Allocates the buffer. */
  BlockSums(EngineDevice device, StepPlan plan) {
    this.plan = plan;
    long blocks = plan.tensors().stream().mapToLong(TensorPlan::blocks).sum();
    this.values = new double[Math.toIntExact(blocks)];
    this.buffer = (EngineBuffer) device.allocate(DType.FLOAT64, blocks);
    buffer.fill(Double.NaN);
  }

  /** The sums, in order of registration. */
  EngineBuffer buffer() {
    return buffer;
  }

  /** Leaves the sums of the own parts in the buffer; what others have to say is a NaN until they do. */
  void reduce(StepEngine engine) {
    buffer.fill(Double.NaN);
    engine.reduceBlocks(buffer);
  }

  /** Leaves the sums of tensors, and their total, in {@code sums}. */
  void take(EngineBuffer sums) {
    buffer.copyTo(MemorySegment.ofArray(values));
    double[] all = StandardArithmetic.compute(this::fold);
    sums.copyFrom(MemorySegment.ofArray(all));
  }

  private double[] fold() {
    List<TensorPlan> tensors = plan.tensors();
    double[] own = new double[tensors.size()];
    int from = 0;
    for (TensorPlan tensor : tensors) {
      int blocks = (int) tensor.blocks();
      own[tensor.index()] = fold(values, from, blocks);
      from += blocks;
    }
    double[] all = new double[1 + own.length];
    System.arraycopy(own, 0, all, 1, own.length);
    all[0] = fold(own, 0, own.length);
    return all;
  }

  /** The sum of {@code count} values, whose place it uses; +0 of none. */
  private double fold(double[] numbers, int from, int count) {
    if (count == 0) {
      return 0;
    }
    for (int left = count; left > 1; left = Math.ceilDiv(left, BLOCK)) {
      for (int first = 0; first < left; first += BLOCK) {
        numbers[from + first / BLOCK] = block(numbers, from + first, Math.min(BLOCK, left - first));
      }
    }
    return numbers[from];
  }

  private double block(double[] numbers, int from, int count) {
    Arrays.fill(lanes, 0);
    for (int i = 0; i < count; i++) {
      lanes[i % LANES] += numbers[from + i];
    }
    for (int distance = LANES / 2; distance > 0; distance /= 2) {
      for (int lane = 0; lane < distance; lane++) {
        lanes[lane] += lanes[lane + distance];
      }
    }
    return lanes[0];
  }

  @Override
  public void close() {
    buffer.close();
  }
}
