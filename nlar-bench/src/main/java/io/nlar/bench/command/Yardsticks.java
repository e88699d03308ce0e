package io.nlar.bench.command;

import io.nlar.DeviceInfo;
import io.nlar.bench.contest.Entrant;
import io.nlar.bench.cpu.CpuCopy;
import io.nlar.bench.cpu.CpuPasses;
import io.nlar.bench.cpu.CpuStepInC;
import io.nlar.bench.cpu.CpuUnfused;
import io.nlar.bench.cuda.CudaCopy;
import io.nlar.bench.cuda.CudaPasses;
import io.nlar.bench.cuda.CudaUnfused;
import io.nlar.bench.opencl.ClCopy;
import io.nlar.bench.opencl.ClPasses;
import java.util.List;
import java.util.stream.Stream;

/** What else is timed on a kind of device, beside Nlar and its peers. */
public final class Yardsticks {
  private Yardsticks() {}

  /**
   * The yardsticks of a device: its roofline (several shapes of it on the CPU, of which the fastest counts), a plain copy,
   * the step in C on the CPU, the unfused step. None for backends of others.
   *
   * @param fewest whether one shape of the roofline is enough
   */
  public static List<Entrant> of(DeviceInfo device, boolean fewest) {
    return switch (device.backend()) {
      case "cpu" -> Stream.concat((fewest ? CpuPasses.fewestShapes() : CpuPasses.shapes()).stream(),
          (fewest ? Stream.of(new CpuCopy(), new CpuUnfused()) : Stream.of(new CpuCopy(), new CpuStepInC(), new CpuUnfused())))
          .toList();
      case "cuda" -> List.of(new CudaPasses(), new CudaCopy(), new CudaUnfused());
      case "opencl" -> List.of(new ClPasses(), new ClCopy());
      default -> List.of();
    };
  }
}
