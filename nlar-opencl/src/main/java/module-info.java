/** The OpenCL backend: kernels written by hand, run through JOCL. */
module io.nlar.opencl {
  requires transitive io.nlar;
  requires transitive jocl;

  exports io.nlar.opencl;

  provides io.nlar.spi.Backend with io.nlar.opencl.OpenClBackend;
}
