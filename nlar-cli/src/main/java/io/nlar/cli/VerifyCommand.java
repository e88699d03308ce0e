package io.nlar.cli;

import io.nlar.Backends;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.DeviceInfo;
import io.nlar.testkit.Trace;
import io.nlar.testkit.Traces;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code nlar verify}: golden traces and bit equality with the scalar reference, on every device. */
@Command(
    name = "verify",
    description = {
      "Check every available device: the recorded runs of the published optimizers within their tolerances, then bit"
          + " equality with the plain scalar reference on random input.",
      "The exit status is 1 if anything fails."
    })
public final class VerifyCommand implements NlarCommand {
  @Spec
  private CommandSpec spec;

  @Option(names = "--backend", paramLabel = "SELECTOR", split = ",",
      description = "Only these, for example cpu (all devices of a backend) or opencl:1. Default: all that are available.")
  private List<String> backends = List.of();

  @Option(names = "--dtype", paramLabel = "TYPE", split = ",", converter = KeptTypeConverter.class,
      description = "Only float32, float64, bfloat16 or float16. Default: all that a device knows.")
  private List<DType> types = List.of();

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    DeviceSelection selection = DeviceSelection.of(backends);
    List<Trace> traces = Traces.all();
    boolean passed = true;
    int runs = 0;
    for (DeviceInfo info : selection.devices()) {
      List<DType> chosen = Stream.of(DType.values())
          .filter(type -> info.types().contains(type) && (types.isEmpty() || types.contains(type)))
          .toList();
      List<DType> missing = new ArrayList<>(types);
      missing.removeAll(info.types());
      missing.forEach(type -> out.println(info.selector() + " does not know " + DTypeConverter.name(type)));
      if (chosen.isEmpty()) {
        continue;
      }
      runs++;
      out.println(info.selector() + " (" + info.name() + ")");
      out.println();
      try (Device device = Backends.open(info.selector())) {
        passed &= new GoldenCheck(device, chosen.stream().filter(DType.arithmetics()::contains).toList(), traces).run(out);
        out.println();
        passed &= new BitCheck(device, chosen).run(out);
        out.println();
      } catch (RuntimeException | LinkageError failure) {
        passed = false;
        out.println(Terminal.output().bad("cannot be checked") + ": " + Main.message(failure));
        out.println();
      }
    }
    selection.left().forEach((backend, reason) -> out.println("not checked: " + backend + ": " + reason));
    if (runs == 0) {
      throw new CommandFailedException("nothing was checked: no chosen device knows the chosen element types");
    }
    Terminal terminal = Terminal.output();
    out.println(passed ? terminal.good("all pass") : terminal.bad("FAILED"));
    return passed ? ExitCode.OK : ExitCode.FAILED;
  }
}
