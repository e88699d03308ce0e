package io.nlar.cuda;

import io.nlar.Device;
import io.nlar.DeviceInfo;
import io.nlar.DeviceUnavailableException;
import io.nlar.spi.Probe;
import jcuda.driver.CUstream;

/**
 * Opens a GPU on a stream of the caller, so that steps run in order with a framework's own kernels and are captured
 * into its graphs. {@link io.nlar.Backends#open(String)} opens one on a stream of its own; work on
 * other streams that writes gradients must then be done before a step runs, and {@link Device#synchronize} or
 * {@link io.nlar.Step#await} comes before other streams read what it wrote.
 *
 * <p><b>Graphs.</b> A {@code run()} on a stream that is being captured becomes part of the graph. Replays go on with the
 * step number, and read gradient scale and rate factor from {@link io.nlar.Step#control}. What waits for the stream
 * (await, stats, save, restore, copies, {@link Device#synchronize}) is not possible during a capture and is refused. A
 * graph holds the addresses of its capture and the number of chunks: after {@link io.nlar.Step#rebind} or
 * {@link io.nlar.Step#reconfigure} capture anew, and never replay a graph whose step, buffers or device were closed. All
 * replays of a captured run bear its one ticket: under {@link io.nlar.NonFinite#FAIL} {@code await} of that ticket reports
 * whether any replay so far was refused; {@link io.nlar.Step#stats} counts skipped and applied steps. Wait for replays
 * through the stream or {@link Device#synchronize}.
 */
public final class Cuda {
  private Cuda() {}

  /**
   * Opens a GPU on a stream.
   *
   * @param ordinal number of the GPU, as CUDA counts
   * @param stream a stream of that GPU's primary context (where the CUDA runtime and all frameworks work); it stays the
   *     caller's and must outlive the device
   * @throws DeviceUnavailableException if there is no such GPU, or the stream belongs to another context
   */
  public static Device device(int ordinal, CUstream stream) {
    return new CudaDevice(find(ordinal), GpuDriver.onStream(ordinal, stream));
  }

  /**
   * Opens a GPU on a stream given by its handle.
   *
   * @param ordinal number of the GPU, as CUDA counts
   * @param stream the {@code CUstream} or {@code cudaStream_t} as a number, as frameworks hand it out; 0 is the default
   *     stream
   */
  public static Device device(int ordinal, long stream) {
    return device(ordinal, Pointers.stream(stream));
  }

  private static DeviceInfo find(int ordinal) {
    return switch (CudaProbe.probe()) {
      case Probe.Available available -> available.devices().stream()
          .filter(device -> device.index() == ordinal)
          .findFirst()
          .orElseThrow(() -> new DeviceUnavailableException("there is no usable GPU " + ordinal + "; found: "
              + available.devices() + " " + available.remarks()));
      case Probe.Unavailable unavailable -> throw new DeviceUnavailableException(
          "CUDA is not available: " + unavailable.reason(), unavailable.cause());
    };
  }
}
