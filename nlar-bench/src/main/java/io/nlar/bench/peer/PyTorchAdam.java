package io.nlar.bench.peer;

import io.nlar.bench.contest.Tensors;
import io.nlar.bench.contest.Workload;
import io.nlar.bench.harness.Contestant;
import io.nlar.bench.harness.VerificationException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** PyTorch's fused Adam in a Python process of its own, on the CPU with as many threads, or on the CUDA device. */
public class PyTorchAdam implements Peer {
  /** Elements that Adam reads (θ, g, m, v) and writes (θ, m, v). */
  private static final int TRAFFIC = 7;
  private static final int ARRAYS = 4;

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
  public double trafficBytes(Workload workload) {
    return TRAFFIC * (double) workload.type().bytes();
  }

  @Override
  public long memoryBytes(Workload workload) {
    return ARRAYS * workload.arrayBytes();
  }

  @Override
  public Contestant open(Tensors tensors) {
    Workload workload = tensors.workload();
    try {
      return new Script(name(), Python.start(List.of(
          workload.device().backend(), workload.type().name().toLowerCase(Locale.ROOT),
          Long.toString(workload.size()), Integer.toString(workload.threads()), Double.toString(normBound))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final class Script implements Contestant {
    private final String name;
    private final Process process;
    private final Writer commands;
    private final BufferedReader answers;

    Script(String name, Process process) throws IOException {
      this.name = name;
      this.process = process;
      this.commands = process.outputWriter(StandardCharsets.UTF_8);
      this.answers = process.inputReader(StandardCharsets.UTF_8);
      expect("ready", answers.readLine());
    }

    private String ask(String command) {
      try {
        commands.write(command + "\n");
        commands.flush();
        return answers.readLine();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private void expect(String expected, String answer) {
      if (!expected.equals(answer)) {
        String error = "";
        try {
          if (answer == null) {
            error = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8).strip();
          }
        } catch (IOException ended) {
          error = ended.getMessage();
        }
        process.destroy();
        throw new VerificationException(name + " answered " + answer + ", expected " + expected + ". " + error);
      }
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public void verify() {
      expect("ok", ask("verify"));
    }

    @Override
    public void run(long times) {
      expect("done", ask("run " + times));
    }

    @Override
    public void close() {
      process.destroy();
      try {
        process.waitFor();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
