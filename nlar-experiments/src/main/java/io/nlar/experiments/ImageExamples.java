package io.nlar.experiments;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.LongFunction;

/** Images and their classes. Pixels go to the engine through one buffer, in which a batch lives until the next. */
final class ImageExamples implements Examples {
  private final ImageSet images;
  private final LongFunction<Shape> shape;
  private float[] scaled = {};
  private ByteBuffer staging = ByteBuffer.allocate(0);

  /**
   * Images.
   *
   * @param shape of so many of them
   */
  ImageExamples(ImageSet images, LongFunction<Shape> shape) {
    this.images = images;
    this.shape = shape;
  }

  @Override
  public int count() {
    return images.count();
  }

  @Override
  public Batch batch(NDManager scope, DataType type, int[] order, int from, int count) {
    return new Batch(pixels(scope, type, order, from, count), labels(scope, order, from, count), count);
  }

  private NDArray pixels(NDManager scope, DataType type, int[] order, int from, int count) {
    int values = count * images.size();
    int bytes = values * type.getNumOfBytes();
    if (scaled.length < values || staging.capacity() < bytes) {
      scaled = new float[values];
      staging = ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }
    images.scaled(order, from, count, scaled);
    staging.clear().limit(bytes);
    if (type == DataType.FLOAT64) {
      for (int i = 0; i < values; i++) {
        staging.putDouble(i * Double.BYTES, scaled[i]);
      }
    } else {
      staging.asFloatBuffer().put(scaled, 0, values);
    }
    return scope.create(staging.slice().order(ByteOrder.nativeOrder()), shape.apply(count), type);
  }

  private NDArray labels(NDManager scope, int[] order, int from, int count) {
    long[] labels = new long[count];
    for (int i = 0; i < count; i++) {
      labels[i] = images.labels()[order[from + i]];
    }
    return scope.create(labels);
  }
}
