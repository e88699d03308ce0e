package io.nlar.cuda;

import io.nlar.DeviceMemoryException;
import java.lang.foreign.MemorySegment;
import jcuda.Pointer;
import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/**
 * Copies between any host memory and the device, in pieces through two blocks of page-locked memory: while one is on
 * its way, the other is filled or emptied. Used inside the GPU's context.
 */
final class PinnedStaging {
  private static final long PIECE_BYTES = 4 << 20;

  private final CUstream stream;
  private final Pointer[] pointers = new Pointer[2];
  private final MemorySegment[] blocks = new MemorySegment[2];
  private final CUevent[] done = new CUevent[2];

  PinnedStaging(CUstream stream) {
    this.stream = stream;
    try {
      for (int i = 0; i < blocks.length; i++) {
        pointers[i] = lock(PIECE_BYTES, 0);
        blocks[i] = Pointers.host(pointers[i], PIECE_BYTES);
        CUevent event = new CUevent();
        CudaErrors.check(JCudaDriver.cuEventCreate(event, CUevent_flags.CU_EVENT_DISABLE_TIMING), "creating an event");
        done[i] = event;
      }
    } catch (Throwable failure) {
      close();
      throw failure;
    }
  }

  /**
   * Page-locked memory of the host.
   *
   * @throws DeviceMemoryException if there is not enough of it
   */
  static Pointer lock(long bytes, int flags) {
    Pointer pointer = new Pointer();
    int result = JCudaDriver.cuMemHostAlloc(pointer, bytes, flags);
    if (result == CUresult.CUDA_ERROR_OUT_OF_MEMORY) {
      throw new DeviceMemoryException("cannot lock " + bytes + " bytes of host memory; free some");
    }
    CudaErrors.check(result, "locking " + bytes + " bytes of host memory");
    return pointer;
  }

  void toDevice(long address, MemorySegment host) {
    int block = 0;
    for (long offset = 0; offset < host.byteSize(); offset += PIECE_BYTES) {
      long bytes = Math.min(PIECE_BYTES, host.byteSize() - offset);
      await(block); // its last piece, perhaps of an earlier copy
      blocks[block].asSlice(0, bytes).copyFrom(host.asSlice(offset, bytes));
      CudaErrors.check(JCudaDriver.cuMemcpyHtoDAsync(
          Pointers.device(address + offset), pointers[block], bytes, stream), "copying to the GPU");
      record(block);
      block ^= 1;
    }
  }

  void toHost(long address, MemorySegment host) {
    int block = 0;
    for (long offset = 0; offset < host.byteSize() + PIECE_BYTES; offset += PIECE_BYTES) {
      if (offset < host.byteSize()) {
        long bytes = Math.min(PIECE_BYTES, host.byteSize() - offset);
        await(block);
        CudaErrors.check(JCudaDriver.cuMemcpyDtoHAsync(
            pointers[block], Pointers.device(address + offset), bytes, stream), "copying from the GPU");
        record(block);
      }
      block ^= 1;
      if (offset > 0) {
        long last = offset - PIECE_BYTES;
        long bytes = Math.min(PIECE_BYTES, host.byteSize() - last);
        await(block);
        host.asSlice(last, bytes).copyFrom(blocks[block].asSlice(0, bytes));
      }
    }
  }

  private void record(int block) {
    CudaErrors.check(JCudaDriver.cuEventRecord(done[block], stream), "marking a copy");
  }

  private void await(int block) {
    CudaErrors.check(JCudaDriver.cuEventSynchronize(done[block]), "waiting for a copy");
  }

  /** What cannot be freed after a failure of the GPU goes with the process. */
  void close() {
    for (int i = 0; i < blocks.length; i++) {
      if (done[i] != null) {
        JCudaDriver.cuEventSynchronize(done[i]);
        JCudaDriver.cuEventDestroy(done[i]);
      }
      if (pointers[i] != null) {
        JCudaDriver.cuMemFreeHost(pointers[i]);
      }
    }
  }
}
