/** The CPU backend: the fused step on the Vector API, over the caller's own memory. */
module io.nlar.cpu {
  requires io.nlar;
  requires jdk.incubator.vector;
  requires jdk.management;

  exports io.nlar.cpu;

  provides io.nlar.spi.Backend with
      io.nlar.cpu.CpuBackend;
}
