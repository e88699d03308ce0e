package io.nlar.cuda;

import com.fasterxml.jackson.jr.ob.JSON;
import io.nlar.testkit.process.ChildJava;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** NVIDIA's compute-sanitizer around a process of its own that takes as many kernels through their paths as a minute allows. */
final class GpuSanitizer {
  private static final String PROGRAM = "compute-sanitizer";
  /** The status by which it tells what it found from what the process found. */
  private static final int FOUND = 99;
  private static final int MOST_WORDS = 2000;
  /** For the kernels of one tool. */
  private static final int SECONDS = 60;
  /** For a kernel under way when these are over, and for the tool's summary. */
  private static final int GRACE_SECONDS = 25;
  /** The status of a check whose time was over. */
  private static final int LEFT_OUT = 3;

  private GpuSanitizer() {}

  static Finding run(String tool, GpuExtent extent) throws IOException, InterruptedException {
    Path program = program();
    if (program == null) {
      return Finding.skipped("there is no " + PROGRAM + " on the path or in /usr/local/cuda; it comes with the CUDA toolkit");
    }
    Path log = Files.createTempFile("sanitizer", ".log");
    Path json = Files.createTempFile("sanitizer", ".json");
    try {
      int seconds = (int) Math.max(1, Math.min(SECONDS, extent.secondsLeft()));
      List<String> arguments =
          new ArrayList<>(List.of("--json", json.toString(), "--seconds", Integer.toString(seconds), "kernels"));
      if (extent.share() > 1) {
        arguments.add("--small");
      }
      ProcessBuilder child = ChildJava.of(GpuCheck.class, List.of(), arguments);
      List<String> command = new ArrayList<>(List.of(program.toString(), "--tool", tool, "--target-processes", "all",
          "--error-exitcode", Integer.toString(FOUND)));
      command.addAll(child.command());
      Process process =
          new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
      if (!process.waitFor((long) (1000 * Math.min(seconds + GRACE_SECONDS, extent.secondsLeft())), TimeUnit.MILLISECONDS)) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().waitFor();
        return Finding.skipped("time: " + tool + " had not ended");
      }
      String text = Files.readString(log);
      String end = text.substring(Math.max(0, text.length() - MOST_WORDS));
      if (process.exitValue() != 0 && process.exitValue() != LEFT_OUT) {
        return Finding.failed((process.exitValue() == FOUND ? "it reports errors: " : "it ended with "
            + process.exitValue() + ": ") + end);
      }
      return text.contains("ERROR SUMMARY: 0 errors") || text.contains("RACECHECK SUMMARY: 0 hazards")
          ? Finding.passed("kernels", kernels(Files.readString(json)))
          : Finding.failed("it has no summary: " + end);
    } finally {
      Files.delete(log);
      Files.delete(json);
    }
  }

  /** How many kernels a check has gone through. */
  private static long kernels(String json) throws IOException {
    for (Object finding : (List<?>) JSON.std.mapFrom(json).get("findings")) {
      if (((Map<?, ?>) finding).get("kernels") instanceof Number kernels) {
        return kernels.longValue();
      }
    }
    return 0;
  }

  private static Path program() {
    return Stream.concat(Stream.of(System.getenv("PATH").split(":")), Stream.of("/usr/local/cuda/bin"))
        .filter(folder -> !folder.isEmpty())
        .map(folder -> Path.of(folder, PROGRAM)).filter(Files::isExecutable).findFirst().orElse(null);
  }
}
