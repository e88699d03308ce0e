package io.nlar.cpu.kernel;

/** Sums of products by their scalar kernel until the one on vectors takes over. */
final class LateProductKernel extends LateKernel<ProductKernel> implements ProductKernel {

  LateProductKernel(ProductKernel scalar, ProductKernel vector, long after) {
    super(scalar, vector, after);
  }

  @Override
  public void run(long directions, long velocities, int count, long sums, long apart, long scratch) {
    if (takenOver()) {
      vector.run(directions, velocities, count, sums, apart, scratch);
      return;
    }
    if (due(count)) {
      long other = Takeover.address(2);
      rehearse(kernel -> kernel.run(Takeover.address(0), Takeover.address(1), Takeover.ELEMENTS,
          other + SCRATCH_BYTES, Double.BYTES, other));
    }
    scalar.run(directions, velocities, count, sums, apart, scratch);
  }
}
