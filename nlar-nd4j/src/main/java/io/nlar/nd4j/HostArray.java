package io.nlar.nd4j;

import io.nlar.BufferException;
import io.nlar.DType;
import io.nlar.ParameterException;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The memory of ND4J's arrays. */
final class HostArray {
  private HostArray() {}

  static DType type(INDArray array) {
    return switch (array.dataType()) {
      case FLOAT -> DType.FLOAT32;
      case DOUBLE -> DType.FLOAT64;
      default -> throw new ParameterException("a gradient has elements of type " + array.dataType()
          + "; Nlar updates FLOAT and DOUBLE: use dataType(DataType.FLOAT) for the network");
    };
  }

  /** Address of the first element; the others follow without gaps. */
  static long address(INDArray array) {
    return array.data().pointer().address() + array.offset() * array.data().getElementSize();
  }

  /** Whether the elements follow one another without gaps. */
  static boolean dense(INDArray array) {
    return array.length() <= 1 || array.elementWiseStride() == 1;
  }

  static void requireCpu() {
    if (!Nd4j.getEnvironment().isCPU()) {
      throw new BufferException("ND4J keeps its arrays on a GPU, where Nlar does not find them: use its CPU backend"
          + " (nd4j-native), or one of ND4J's own updaters");
    }
  }
}
