package io.nlar.cuda;

import io.nlar.Device;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUstream;
import jcuda.driver.CUstreamCaptureMode;
import jcuda.driver.JCudaDriver;

/** A graph captured on a caller's stream. */
final class GpuGraph implements AutoCloseable {
  private final GpuContext context;
  private final CUstream stream;
  private final CUgraph graph = new CUgraph();
  private final CUgraphExec executable = new CUgraphExec();

  private GpuGraph(GpuContext context, CUstream stream) {
    this.context = context;
    this.stream = stream;
  }

  /** Captures what {@code work} enqueues. */
  static GpuGraph capture(GpuContext context, CUstream stream, Device device, Runnable work) {
    device.synchronize();
    GpuGraph captured = new GpuGraph(context, stream);
    context.enter();
    try {
      CudaErrors.check(JCudaDriver.cuStreamBeginCapture(
          stream, CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL), "beginning a capture");
      work.run();
      CudaErrors.check(JCudaDriver.cuStreamEndCapture(stream, captured.graph), "ending a capture");
      CudaErrors.check(JCudaDriver.cuGraphInstantiate(captured.executable, captured.graph, 0), "instantiating a graph");
    } finally {
      context.leave();
    }
    return captured;
  }

  void launch() {
    context.enter();
    try {
      CudaErrors.check(JCudaDriver.cuGraphLaunch(executable, stream), "launching a graph");
    } finally {
      context.leave();
    }
  }

  @Override
  public void close() {
    context.enter();
    try {
      CudaErrors.check(JCudaDriver.cuGraphExecDestroy(executable), "destroying a graph");
      CudaErrors.check(JCudaDriver.cuGraphDestroy(graph), "destroying a graph");
    } finally {
      context.leave();
    }
  }
}
