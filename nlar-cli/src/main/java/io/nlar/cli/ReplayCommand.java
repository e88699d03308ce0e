package io.nlar.cli;

import com.fasterxml.jackson.jr.ob.JSON;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.testkit.GoldenResult;
import io.nlar.testkit.GoldenRun;
import io.nlar.testkit.Snapshot;
import io.nlar.testkit.Trace;
import io.nlar.testkit.Traces;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code nlar replay}: runs a trace and writes what was computed. */
@Command(
    name = "replay",
    description = {
      "Run a trace (in the format of the golden traces) and write what was computed.",
      "OUT.json gets an array \"computed\" of {step, theta, learningRate, velocity}: one object for each step listed"
          + " under \"expected\" in the trace, or for every step where it lists none. The velocity is 0 where"
          + " \"momentum\" is null. The trace's \"frozenNoise\" is the frozen noise.",
      "A trace may name its tensors (\"names\") and say how elements are kept (\"storage\": {value, gradient, state:"
          + " float32, bfloat16 or float16; master: none, remainder or float32}), which goes before --dtype."
    })
public final class ReplayCommand implements NlarCommand {
  private static final JSON WRITER = JSON.std
      .with(JSON.Feature.PRETTY_PRINT_OUTPUT, JSON.Feature.WRITE_RECORD_FIELDS_IN_DECLARATION_ORDER);

  @Spec
  private CommandSpec spec;

  @Parameters(paramLabel = "TRACE.json", description = "The trace.")
  private Path trace;

  @Option(names = "--backend", paramLabel = "SELECTOR",
      description = "The device, for example cpu or opencl:1. Default: -Dnlar.device, NLAR_DEVICE, or the best one.")
  private String backend;

  @Option(names = "--dtype", defaultValue = "float32",
      description = "float32 or float64. Default: ${DEFAULT-VALUE}.")
  private DType type;

  @Option(names = "--bits",
      description = "Add the patterns of values and state, as unsigned numbers, to each entry: an object \"bits\".")
  private boolean bits;

  @Option(names = "--out", paramLabel = "OUT.json", required = true, description = "The file to write.")
  private Path out;

  @Override
  public Integer call() throws IOException {
    Trace recorded = read();
    OutputFile file = OutputFile.at(out);
    try (Device device = DeviceSelection.open(backend)) {
      GoldenResult result = replayed(device, recorded);
      try (Progress progress = Progress.start("writing " + out, 1)) {
        Replay replay = Replay.of(result, device);
        file.write(stream -> WRITER.write(replay, stream));
        progress.step();
      }
      spec.commandLine().getOut().println(recorded.name() + ": " + result.computed().size() + " of "
          + recorded.gradients().size() + " steps written to " + out + ", computed in " + DTypeConverter.name(recorded.storage(type).arithmetic())
          + " on " + device.info().selector() + " (" + device.info().name() + ")");
    }
    return ExitCode.OK;
  }

  private Trace read() throws IOException {
    try (Progress progress = Progress.start("reading " + trace, 1)) {
      Trace read = Traces.read(trace);
      progress.step();
      return read;
    }
  }

  private GoldenResult replayed(Device device, Trace recorded) {
    try (Progress progress =
        Progress.start(recorded.name() + " on " + device.info().selector(), recorded.gradients().size())) {
      return GoldenRun.run(device, type, recorded, bits, progress::step);
    }
  }

  /** What OUT.json holds. */
  private record Replay(String name, String device, String dtype, String nlar, List<Snapshot> computed) {

    static Replay of(GoldenResult result, Device device) {
      return new Replay(result.trace().name(), device.info().selector(), DTypeConverter.name(result.trace().storage(result.type()).value()),
          Version.nlar(), result.computed().stream().map(Replay::withVelocity).toList());
    }

    /** Without momentum there is none, which is to say 0. */
    private static Snapshot withVelocity(Snapshot snapshot) {
      return snapshot.velocity() != null ? snapshot : new Snapshot(snapshot.step(), snapshot.theta(),
          snapshot.learningRate(), new double[snapshot.theta().length], snapshot.bits());
    }
  }
}
