package io.nlar.bench.cuda;

import io.nlar.DeviceUnavailableException;
import io.nlar.spi.UnpackedNatives;
import java.lang.invoke.MethodHandles;
import java.util.Optional;
import jcuda.CudaException;

/** Loads JCublas, whose natives need CUDA 12's libcublas. */
final class Cublas {
  private static final UnpackedNatives JCUBLAS = new UnpackedNatives("JCublas", CudaException.class,
      MethodHandles.lookup(), "install libcublas.so.12 of the CUDA 12 runtime");

  private Cublas() {}

  /** Why cuBLAS cannot be used; empty if it can, and is loaded. */
  static Optional<String> problem() {
    try {
      JCUBLAS.initialise("jcuda.jcublas.JCublas2");
      return Optional.empty();
    } catch (DeviceUnavailableException | LinkageError failure) {
      return Optional.of(failure.toString().lines().findFirst().orElse("JCublas cannot be loaded"));
    }
  }
}
