package io.nlar.cpu.kernel;

/** Sums of products by their scalar kernel until the one on vectors takes over. */
final class LateProductKernel implements ProductKernel {
  private final ProductKernel scalar;
  private final ProductKernel vector;
  private final long after;
  private final Takeover takeover = new Takeover();

  LateProductKernel(ProductKernel scalar, ProductKernel vector, long after) {
    this.scalar = scalar;
    this.vector = vector;
    this.after = after;
  }

  @Override
  public void run(long directions, long velocities, int count, long sums, long apart, long scratch) {
    if (takeover.done()) {
      vector.run(directions, velocities, count, sums, apart, scratch);
      return;
    }
    if (takeover.due(count, after)) {
      takeover.begin(new Takeover.Rehearsal() {
        @Override
        public void scalar() {
          rehearse(scalar);
        }

        @Override
        public void vector() {
          rehearse(vector);
        }
      });
    }
    scalar.run(directions, velocities, count, sums, apart, scratch);
  }

  private static void rehearse(ProductKernel kernel) {
    long scratch = Takeover.address(2);
    kernel.run(Takeover.address(0), Takeover.address(1), Takeover.ELEMENTS, scratch + SCRATCH_BYTES, Double.BYTES, scratch);
  }
}
