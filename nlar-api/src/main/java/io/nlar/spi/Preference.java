package io.nlar.spi;

/** The order of automatic selection. Backends outside this project choose numbers between or beyond. */
public final class Preference {
  /** A CUDA device. */
  public static final int CUDA = 400;
  /** An OpenCL device with memory of its own. */
  public static final int OPENCL_GPU = 300;
  /** The CPU backend. */
  public static final int CPU = 200;
  /** OpenCL on the CPU. */
  public static final int OPENCL_CPU = 100;

  private Preference() {}
}
