package io.nlar.tribuo;

import io.nlar.ParameterException;
import java.util.Arrays;
import org.tribuo.math.la.DenseMatrix;
import org.tribuo.math.la.DenseVector;
import org.tribuo.math.la.Matrix;
import org.tribuo.math.la.SGDVector;
import org.tribuo.math.la.Tensor;
import org.tribuo.math.la.VectorTuple;

/**
 * A tensor of Tribuo laid out for a step: its gradient row after row in an array, where the step leaves the update, and
 * its values in another where they decay. Tribuo keeps a matrix as an array of rows and lets nobody have them, so that
 * elements are copied.
 *
 * <p>Tribuo climbs and adds what an optimiser returns: its gradient is the loss's with the other sign.
 */
final class FlatTensor {
  private final String name;
  private final Tensor parameter;
  private final Tensor update;
  private final int rows;
  private final int columns;
  private double[] value;
  private double[] gradient;
  private int from;

  FlatTensor(String name, Tensor parameter) {
    this.name = name;
    this.parameter = parameter;
    switch (parameter) {
      case DenseVector vector -> {
        rows = 1;
        columns = vector.size();
        update = new DenseVector(columns);
      }
      case DenseMatrix matrix -> {
        rows = matrix.getDimension1Size();
        columns = matrix.getDimension2Size();
        update = new DenseMatrix(rows, columns);
      }
      default -> throw new ParameterException("tensor " + name + " of the model is a " + parameter.getClass().getName()
          + "; Nlar updates DenseVector and DenseMatrix: keep the parameters in these (gradients may be sparse)");
    }
  }

  String name() {
    return name;
  }

  /** In elements. */
  long length() {
    return (long) rows * columns;
  }

  /** Says where this tensor's elements are: in these arrays, from this one on; values where they decay. */
  void place(double[] values, double[] gradients, int first) {
    value = values;
    gradient = gradients;
    from = first;
  }

  /** Takes Tribuo's gradient, dense or sparse, with its sign turned. */
  void takeGradient(Tensor given) {
    if (!Arrays.equals(given.getShape(), parameter.getShape())) {
      throw new ParameterException("the gradient of tensor " + name + " has the shape "
          + Arrays.toString(given.getShape()) + ", the parameter " + Arrays.toString(parameter.getShape())
          + "; hand over the gradients of the parameters given to initialise, in their order");
    }
    switch (given) {
      case DenseVector vector -> {
        for (int i = 0; i < columns; i++) {
          gradient[from + i] = -vector.get(i);
        }
      }
      case DenseMatrix matrix -> {
        int at = from;
        for (int i = 0; i < rows; i++) {
          for (int j = 0; j < columns; j++) {
            gradient[at++] = -matrix.get(i, j);
          }
        }
      }
      case SGDVector sparse -> {
        Arrays.fill(gradient, from, end(), 0);
        scatter(sparse, from);
      }
      case Matrix sparse -> {
        Arrays.fill(gradient, from, end(), 0);
        for (int i = 0; i < rows; i++) {
          scatter(sparse.getRow(i), from + i * columns);
        }
      }
      default -> throw new ParameterException("the gradient of tensor " + name + " is a " + given.getClass().getName()
          + "; vectors and matrices are known");
    }
  }

  private int end() {
    return from + rows * columns;
  }

  private void scatter(SGDVector row, int first) {
    for (VectorTuple element : row) {
      gradient[first + element.index] = -element.value;
    }
  }

  /** Takes the parameter's values, for a step whose update depends on them. */
  void takeValues() {
    int at = from;
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        value[at++] = parameterAt(i, j);
      }
    }
  }

  private double parameterAt(int i, int j) {
    return parameter instanceof DenseMatrix matrix ? matrix.get(i, j) : ((DenseVector) parameter).get(j);
  }

  /** What the step left in the gradient's place. The same tensor each time. */
  Tensor takeUpdate() {
    if (update instanceof DenseMatrix matrix) {
      int at = from;
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < columns; j++) {
          matrix.set(i, j, gradient[at++]);
        }
      }
    } else {
      DenseVector vector = (DenseVector) update;
      for (int i = 0; i < columns; i++) {
        vector.set(i, gradient[from + i]);
      }
    }
    return update;
  }
}
