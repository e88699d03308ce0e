package io.nlar.cpu.kernel;

import io.nlar.spi.Philox;

/** Noise that is drawn one by one, by whoever asks whether this is {@link #ready}, until the kernel on vectors takes over. */
final class LateNoiseKernel extends LateKernel<NoiseKernel> implements NoiseKernel {
  /** So many that what is drawn beyond them has room too. */
  private static final int REHEARSED = Takeover.ELEMENTS / 2;

  LateNoiseKernel(Variant variant, NoiseKernel vector, long after) {
    super(oneByOne(variant), vector, after);
  }

  private static NoiseKernel oneByOne(Variant variant) {
    double[] draws = new double[REHEARSED];
    return (key, t, block, count, to, scratch) ->
        Philox.draw(variant.distribution(), key, t, block * BLOCK, variant.type(), draws, count);
  }

  @Override
  public boolean ready(int count) {
    if (!takenOver() && due(count)) {
      rehearse(kernel -> kernel.draw(1, 1, 0, REHEARSED, Takeover.address(0), Takeover.address(1)));
    }
    return takenOver();
  }

  @Override
  public void draw(long key, long t, long block, int count, long to, long scratch) {
    vector.draw(key, t, block, count, to, scratch);
  }
}
