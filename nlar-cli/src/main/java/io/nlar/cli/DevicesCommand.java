package io.nlar.cli;

import io.nlar.Backends;
import io.nlar.DeviceInfo;
import io.nlar.spi.Probe;
import java.io.PrintWriter;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code nlar devices}: every backend with its devices, or why there is none and what to do. */
@Command(
    name = "devices",
    description = {
      "List every backend's devices, or say why it has none and what to do.",
      "A SELECTOR is what --backend, -Dnlar.device and NLAR_DEVICE take."
    })
public final class DevicesCommand implements NlarCommand {
  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    Map<String, Probe> probes = Backends.probe();
    if (probes.isEmpty()) {
      throw new CommandFailedException(
          "no backend is on the class path: add nlar-cpu, nlar-cuda or nlar-opencl");
    }
    TextTable table = new TextTable("BACKEND", "SELECTOR", ">MEMORY", "TYPES", "HOST MEMORY IN PLACE", "DEVICE");
    StringBuilder notes = new StringBuilder();
    boolean any = false;
    for (var entry : probes.entrySet()) {
      switch (entry.getValue()) {
        case Probe.Available available -> {
          any = true;
          available.devices().forEach(device -> add(table, device));
          available.remarks().forEach(remark -> notes.append(line(entry.getKey(), remark)));
        }
        case Probe.Unavailable unavailable -> {
          table.row(entry.getKey(), "–", "", "", "", "not available");
          notes.append(line(entry.getKey(), unavailable.reason()));
        }
      }
    }
    out.println(table);
    if (!notes.isEmpty()) {
      out.println();
      out.print(notes);
    }
    return any ? ExitCode.OK : ExitCode.FAILED;
  }

  private static void add(TextTable table, DeviceInfo device) {
    String types = device.types().stream().sorted().map(DTypeConverter::name).collect(Collectors.joining(" "));
    String host = switch (device.hostMemory()) {
      case NONE -> "no";
      case NATIVE -> "native";
      case NATIVE_AND_HEAP -> "native, Java arrays";
    };
    table.row(device.backend(), device.selector(), Sizes.bytes(device.memoryBytes()), types, host, device.name());
  }

  private static String line(String backend, String text) {
    return backend + ": " + text + System.lineSeparator();
  }
}
