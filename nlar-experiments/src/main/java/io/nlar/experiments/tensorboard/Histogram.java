package io.nlar.experiments.tensorboard;

import java.util.Map;
import java.util.TreeMap;
import org.tensorflow.proto.HistogramProto;

/** Numbers counted in the cells of a grid, of which only those that were hit are kept. */
public final class Histogram {
  /** How the line of numbers is cut into cells. */
  public enum Grid {
    /** Cells of equal length, {@value #CELLS} to the unit: for logarithms. */
    LINEAR {
      @Override
      int cell(double x) {
        return (int) Math.floor(x * CELLS);
      }

      @Override
      double end(int cell) {
        return (cell + 1.0) / CELLS;
      }
    },
    /** {@value #CELLS} cells a decade of |x|, from 1e{@value #LOWEST}; what is nearer to 0 has a cell of its own. */
    DECADES {
      @Override
      int cell(double x) {
        double magnitude = Math.abs(x);
        int cell = magnitude < Math.pow(10, LOWEST) ? 0
            : 1 + Math.max(0, (int) Math.floor((Math.log10(magnitude) - LOWEST) * CELLS));
        return x < 0 ? -cell : cell;
      }

      @Override
      double end(int cell) {
        return cell < 0 ? -power(-cell - 1) : power(cell);
      }

      private double power(int cell) {
        return Math.pow(10, LOWEST + (double) cell / CELLS);
      }
    };

    private static final int CELLS = 20;
    private static final int LOWEST = -40;

    /** The number of the cell in which x lies, from left to right. */
    abstract int cell(double x);

    /** The right end of a cell, which is the next one's left. */
    abstract double end(int cell);
  }

  private final Grid grid;
  private final Map<Integer, Long> cells = new TreeMap<>();
  private double least = Double.POSITIVE_INFINITY;
  private double most = Double.NEGATIVE_INFINITY;
  private long count;
  private double sum;
  private double squares;

  /** An empty one. */
  public Histogram(Grid grid) {
    this.grid = grid;
  }

  /** Counts {@code x} as often as {@code times} says; numbers that are not finite are left out. */
  public void add(double x, long times) {
    if (Double.isFinite(x)) {
      cells.merge(grid.cell(x), times, Long::sum);
      least = Math.min(least, x);
      most = Math.max(most, x);
      count += times;
      sum += x * times;
      squares += x * x * times;
    }
  }

  /** Whether nothing was counted. */
  public boolean isEmpty() {
    return count == 0;
  }

  /**
   * Each cell that was hit, and before it an empty one up to its left end, so that it does not begin at the last one's; the
   * first begins at the least number.
   */
  HistogramProto toProto() {
    HistogramProto.Builder proto = HistogramProto.newBuilder().setMin(least).setMax(most).setNum(count).setSum(sum)
        .setSumSquares(squares);
    int next = Integer.MIN_VALUE;
    for (Map.Entry<Integer, Long> cell : cells.entrySet()) {
      int number = cell.getKey();
      if (number != next && proto.getBucketCount() > 0) {
        proto.addBucketLimit(grid.end(number - 1)).addBucket(0);
      }
      proto.addBucketLimit(grid.end(number)).addBucket(cell.getValue());
      next = number + 1;
    }
    return proto.build();
  }
}
