/** The contract of one fused Nlar step. Users need {@code io.nlar}; authors of backends {@code io.nlar.spi} too. */
module io.nlar {
  exports io.nlar;
  exports io.nlar.spi;
  exports io.nlar.spi.device;
  exports io.nlar.spi.queue;

  uses io.nlar.spi.Backend;
}
