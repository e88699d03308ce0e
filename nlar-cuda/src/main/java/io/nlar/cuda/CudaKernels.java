package io.nlar.cuda;

import io.nlar.DType;
import io.nlar.spi.queue.Kernels;
import io.nlar.spi.queue.Part;
import io.nlar.spi.queue.StepMemory;
import io.nlar.spi.queue.Variant;

/** The kernels in PTX, and their launches. */
final class CudaKernels implements Kernels {
  private final Driver driver;

  CudaKernels(Driver driver) {
    this.driver = driver;
  }

  @Override
  public int chunk() {
    return LaunchShape.CHUNK;
  }

  @Override
  public int alignment(DType type) {
    return LaunchShape.WIDE;
  }

  @Override
  public int stateAlignment(DType type) {
    return LaunchShape.WIDE;
  }

  @Override
  public int objects() {
    return 1; // all memory is one address space
  }

  @Override
  public void prepare(DType gradient) {
    sums(gradient, new StepArguments());
  }

  @Override
  public void prepare(Variant variant) {
    update(variant, new StepArguments());
  }

  private Driver.Launch sums(DType gradient, StepArguments arguments) {
    return driver.launch(KernelNames.SUMS, KernelNames.sums(gradient), LaunchShape.SUM_THREADS, arguments.memory());
  }

  private Driver.Launch update(Variant variant, StepArguments arguments) {
    return driver.launch(KernelNames.module(variant), KernelNames.update(variant), LaunchShape.APPLY_THREADS,
        arguments.memory());
  }

  @Override
  public Reduction reduction(DType gradient, StepMemory memory, Part part) {
    StepArguments arguments = new StepArguments();
    arguments.set(memory, part, 0);
    Driver.Launch launch = sums(gradient, arguments);
    int threadBlocks = Math.max(1, part.chunks());
    return new Reduction() {
      @Override
      public void run() {
        launch.run(threadBlocks);
      }

      @Override
      public void close() {
        // It holds nothing.
      }
    };
  }

  @Override
  public Update update(Variant variant, StepMemory memory, Part part) {
    int splitting = LaunchShape.splitting(part.chunks(), part.elements(), KernelNames.narrow(variant.storage()));
    StepArguments arguments = new StepArguments();
    arguments.set(memory, part, splitting);
    arguments.variant(variant);
    Driver.Launch launch = update(variant, arguments);
    int threadBlocks = Math.max(1, part.chunks() << splitting);
    return new Update() {
      @Override
      public void run(long ticket, double gradientScale, double rateFactor, int flags) {
        arguments.scalars(ticket, gradientScale, rateFactor, flags);
        launch.run(threadBlocks);
      }

      @Override
      public void close() {
        // It holds nothing.
      }
    };
  }
}
