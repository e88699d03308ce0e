package io.nlar.internal;

import io.nlar.DType;
import io.nlar.spi.EngineBuffer;
import io.nlar.spi.EngineDevice;
import io.nlar.spi.StandardArithmetic;
import io.nlar.spi.StepEngine;
import io.nlar.spi.StepPlan;
import io.nlar.spi.TensorPlan;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * The sums of the blocks of all whole tensors, of squares and behind them of products, and what the fixed shape of docs/numerics.md
 * makes of those of squares. What is above the blocks is a thousandth of the work, and is done on the host, through which the
 * others' sums come in any case.
 */
final class BlockSums implements AutoCloseable {
  private final StepPlan plan;
  private final EngineBuffer buffer;
  private final EngineBuffer squares;
  /** Null where no rule observes. */
  private final EngineBuffer products;
  private final double[] values;
  /** Where the blocks of each tensor start. */
  private final long[] starts;
  private final FixedShape shape = new FixedShape();

  /** Allocates the buffer. */
  BlockSums(EngineDevice device, StepPlan plan) {
    this.plan = plan;
    long blocks = plan.blocks();
    this.values = new double[Math.toIntExact(blocks)];
    this.starts = plan.blockStarts();
    long more = plan.observes() ? StepPlan.PRODUCTS * blocks : 0;
    this.buffer = (EngineBuffer) device.allocate(DType.FLOAT64, blocks + more);
    this.squares = (EngineBuffer) buffer.slice(0, blocks);
    this.products = more > 0 ? (EngineBuffer) buffer.slice(blocks, more) : null;
    buffer.fill(Double.NaN);
  }

  /** The sums, of each kind in order of registration. */
  EngineBuffer buffer() {
    return buffer;
  }

  /** Leaves the sums of squares of the own parts; what others have to say is a NaN until they do. */
  void reduce(StepEngine engine) {
    forgetSquares();
    engine.reduceBlocks(squares);
  }

  /** Makes the sums of squares what nobody has said. */
  void forgetSquares() {
    squares.fill(Double.NaN);
  }

  /**
   * Leaves the sums of products of the own parts, where rules observe.
   *
   * @param learning null where the step learns by itself: others that own nothing then have nothing to learn either
   */
  void leaveProducts(PartLearning learning) {
    if (learning != null) {
      learning.leave(products);
    } else if (products != null) {
      products.fill(0);
    }
  }

  /** Those of products. */
  EngineBuffer products() {
    return products;
  }

  /** Leaves the sums of tensors, and their total, in {@code sums}. */
  void take(EngineBuffer sums) {
    squares.copyTo(MemorySegment.ofArray(values));
    double[] all = StandardArithmetic.compute(this::fold);
    sums.copyFrom(MemorySegment.ofArray(all));
  }

  private double[] fold() {
    List<TensorPlan> tensors = plan.tensors();
    double[] own = new double[tensors.size()];
    for (TensorPlan tensor : tensors) {
      own[tensor.index()] = shape.fold(values, (int) starts[tensor.index()], (int) tensor.blocks());
    }
    double[] all = new double[1 + own.length];
    System.arraycopy(own, 0, all, 1, own.length);
    all[0] = shape.fold(own, 0, own.length);
    return all;
  }

  @Override
  public void close() {
    squares.close();
    if (products != null) {
      products.close();
    }
    buffer.close();
  }
}
