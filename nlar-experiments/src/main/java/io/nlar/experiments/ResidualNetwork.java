package io.nlar.experiments;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.pooling.Pool;
import java.util.List;

/**
 * The residual network of He et al. 2015 for CIFAR-10 (arXiv 1512.03385, section 4.2), with one block a stage: a convolution,
 * blocks of two, the mean over what is left of the image, and a dense layer. From stage to stage the image is halved, and the
 * shortcut is a convolution of 1 × 1.
 */
final class ResidualNetwork {
  private ResidualNetwork() {}

  /**
   * The network.
   *
   * @param filters of the stages; there are two layers more than twice as many
   */
  static Block of(int classes, int... filters) {
    SequentialBlock network = new SequentialBlock();
    convolution(network, filters[0], 3, 1);
    network.add(Activation::relu);
    int before = filters[0];
    for (int stage : filters) {
      network.add(residual(stage, stage == before ? 1 : 2)).add(Activation::relu);
      before = stage;
    }
    return network.add(Pool.globalAvgPool2dBlock()).add(Blocks.batchFlattenBlock())
        .add(Linear.builder().setUnits(classes).build());
  }

  private static Block residual(int filters, int stride) {
    SequentialBlock branch = new SequentialBlock();
    convolution(branch, filters, 3, stride);
    branch.add(Activation::relu);
    convolution(branch, filters, 3, 1);
    SequentialBlock shortcut = new SequentialBlock();
    if (stride == 1) {
      shortcut.add(Blocks.identityBlock());
    } else {
      convolution(shortcut, filters, 1, stride);
    }
    return new ParallelBlock(
        outputs -> new NDList(outputs.get(0).singletonOrThrow().add(outputs.get(1).singletonOrThrow())),
        List.of(branch, shortcut));
  }

  /** A convolution, which needs no bias before its normalisation. */
  private static void convolution(SequentialBlock block, int filters, int size, int stride) {
    block.add(Conv2d.builder().setKernelShape(new Shape(size, size)).optPadding(new Shape(size / 2, size / 2))
        .optStride(new Shape(stride, stride)).setFilters(filters).optBias(false).build())
        .add(BatchNorm.builder().build());
  }
}
