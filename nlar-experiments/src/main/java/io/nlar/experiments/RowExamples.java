package io.nlar.experiments;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;

/** Some rows of a table, standardised column by column as the rows to learn from are. */
final class RowExamples implements Examples {
  private final Rows rows;
  private final int[] chosen;
  private final List<Standard> standards;

  private RowExamples(Rows rows, int[] chosen, List<Standard> standards) {
    this.rows = rows;
    this.chosen = chosen;
    this.standards = standards;
  }

  /** The rows of these numbers, by their own mean and standard deviation. */
  static RowExamples training(Rows rows, int[] chosen) {
    List<Standard> standards = new ArrayList<>();
    float[] column = new float[chosen.length];
    for (int c = 0; c < rows.columns(); c++) {
      for (int i = 0; i < chosen.length; i++) {
        column[i] = rows.values()[chosen[i] * rows.columns() + c];
      }
      standards.add(Standard.by(column, 0, 1, chosen.length));
    }
    return new RowExamples(rows, chosen, standards);
  }

  /** Other rows, by what these have. */
  RowExamples others(int[] others) {
    return new RowExamples(rows, others, standards);
  }

  @Override
  public int count() {
    return chosen.length;
  }

  @Override
  public Batch batch(NDManager scope, DataType type, int[] order, int from, int count) {
    int inputs = rows.columns() - 1;
    float[] given = new float[count * inputs];
    float[] targets = new float[count];
    for (int i = 0; i < count; i++) {
      int row = chosen[order[from + i]];
      for (int c = 0; c < inputs; c++) {
        given[i * inputs + c] = standards.get(c).of(rows.values()[row * rows.columns() + c]);
      }
      targets[i] = standards.getLast().of(rows.target(row));
    }
    return new Batch(scope.create(given, new Shape(count, inputs)).toType(type, false),
        scope.create(targets, new Shape(count, 1)).toType(type, false), count);
  }
}
