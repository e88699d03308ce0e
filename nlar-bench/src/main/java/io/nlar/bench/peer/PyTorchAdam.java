package io.nlar.bench.peer;

import io.nlar.bench.contest.Tensors;
import io.nlar.bench.contest.Workload;
import io.nlar.bench.harness.Contestant;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** PyTorch's fused Adam in a Python process of its own, on the CPU with as many threads, or on the same CUDA device. */
public class PyTorchAdam implements Peer {
  /** Elements that Adam reads (θ, g, m, v) and writes (θ, m, v). */
  private static final int TRAFFIC = 7;
  private static final int ARRAYS = 4;
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  /** Parameters for which it gets another second. */
  private static final long PARAMETERS_A_SECOND = 8 << 20;

  private final double normBound;

  /** Without a bound of the norm. */
  public PyTorchAdam() {
    this(0);
  }

  /** With the gradient's norm bounded, as Nlar does by default; 0: none. */
  PyTorchAdam(double normBound) {
    this.normBound = normBound;
  }

  @Override
  public String name() {
    return "PyTorch Adam, fused";
  }

  @Override
  public Optional<String> unavailable(Workload workload) {
    String backend = workload.device().backend();
    if (!backend.equals("cpu") && !backend.equals("cuda")) {
      return Optional.of("PyTorch has no " + backend + " device");
    }
    Python.Torch torch = Python.torch();
    if (torch.reason() != null) {
      return Optional.of(torch.reason());
    }
    return backend.equals("cuda") && !torch.cuda()
        ? Optional.of("PyTorch " + torch.version() + " sees no CUDA device")
        : Optional.empty();
  }

  @Override
  public boolean narrow() {
    return true;
  }

  @Override
  public int traffic() {
    return TRAFFIC;
  }

  @Override
  public int arrays() {
    return ARRAYS;
  }

  @Override
  public Contestant open(Tensors tensors) {
    Workload workload = tensors.workload();
    return new Script(Python.script(arguments(workload)), PATIENCE.plusSeconds(workload.size() / PARAMETERS_A_SECOND));
  }

  /** What the script is started with: device, element type, parameters, threads, bound of the norm. */
  List<String> arguments(Workload workload) {
    String backend = workload.device().backend();
    return List.of(
        backend.equals("cpu") ? backend : backend + ":" + workload.device().index(),
        workload.type().name().toLowerCase(Locale.ROOT), Long.toString(workload.size()),
        Integer.toString(workload.threads()), Double.toString(normBound));
  }
}
