package io.nlar.opencl;

import org.jocl.cl_command_queue;
import org.jocl.cl_kernel;

/** Counts kernels: all, and those that nobody has waited for. */
final class CountingQueue extends CommandQueue {
  int launches;
  int unfinished;

  CountingQueue(cl_command_queue queue) {
    super(queue);
  }

  @Override
  void launch(cl_kernel kernel, long[] workItems, long[] groupSize) {
    super.launch(kernel, workItems, groupSize);
    launches++;
    unfinished++;
  }

  @Override
  void finish() {
    super.finish();
    unfinished = 0;
  }
}
