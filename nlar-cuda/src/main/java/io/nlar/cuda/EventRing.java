package io.nlar.cuda;

import io.nlar.spi.queue.Queue;
import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/** The marks of the latest steps on a stream. Waiting for an older step waits for the oldest mark that is left. */
final class EventRing implements Queue.Marks {
  private static final int EVENTS = 64;

  private final GpuContext context;
  private final CUstream stream;
  private final CUevent[] events = new CUevent[EVENTS];
  private final long[] tickets = new long[EVENTS];
  private final StreamCapture capture;

  EventRing(GpuContext context, CUstream stream) {
    this.context = context;
    this.stream = stream;
    this.capture = new StreamCapture(stream);
    context.enter();
    try {
      for (int i = 0; i < EVENTS; i++) {
        CUevent event = new CUevent();
        CudaErrors.check(JCudaDriver.cuEventCreate(event, CUevent_flags.CU_EVENT_DISABLE_TIMING), "creating an event");
        events[i] = event;
      }
    } catch (Throwable failure) {
      destroy();
      throw failure;
    } finally {
      context.leave();
    }
  }

  @Override
  public void set(long ticket) {
    context.enter();
    try {
      // An event recorded into a graph marks no place on the stream.
      if (!capture.running()) {
        int slot = (int) (ticket % EVENTS);
        CudaErrors.check(JCudaDriver.cuEventRecord(events[slot], stream), "marking a step");
        tickets[slot] = ticket;
      }
    } finally {
      context.leave();
    }
  }

  @Override
  public void await(long ticket) {
    int nearest = -1;
    for (int i = 0; i < EVENTS; i++) {
      if (tickets[i] >= ticket && (nearest < 0 || tickets[i] < tickets[nearest])) {
        nearest = i;
      }
    }
    context.enter();
    try {
      capture.refuseWaiting();
      CudaErrors.check(
          nearest < 0 ? JCudaDriver.cuStreamSynchronize(stream) : JCudaDriver.cuEventSynchronize(events[nearest]),
          "a step on the GPU");
    } finally {
      context.leave();
    }
  }

  @Override
  public void close() {
    context.enter();
    try {
      destroy();
    } finally {
      context.leave();
    }
  }

  /** What cannot be destroyed after a failure of the GPU goes with the process. */
  private void destroy() {
    for (CUevent event : events) {
      if (event != null) {
        JCudaDriver.cuEventDestroy(event);
      }
    }
  }
}
