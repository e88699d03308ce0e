package io.nlar.cuda;

import io.nlar.CallOrderException;
import jcuda.driver.CUstream;
import jcuda.driver.CUstreamCaptureStatus;
import jcuda.driver.JCudaDriver;

/** Whether a stream is being captured into a graph. Used inside the GPU's context. */
final class StreamCapture {
  private final CUstream stream;
  private final int[] status = new int[1];

  StreamCapture(CUstream stream) {
    this.stream = stream;
  }

  /** Allocates nothing. */
  boolean running() {
    CudaErrors.check(JCudaDriver.cuStreamIsCapturing(stream, status), "asking for the stream's state");
    return status[0] != CUstreamCaptureStatus.CU_STREAM_CAPTURE_STATUS_NONE;
  }

  /** Refuses what waits for the stream: the driver would refuse it too, and give up the capture. */
  void refuseWaiting() {
    if (running()) {
      throw new CallOrderException("nothing can wait for a stream while it is captured into a graph, as reading, writing"
          + " and synchronising do; end the capture first");
    }
  }
}
