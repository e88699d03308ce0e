package io.nlar.cuda;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** PyTorch's optimizers on the same GPU, in a Python of the machine (pytorch_figures.py). */
final class GpuRivals {
  /** Bytes a float32 parameter of what is compared with Nlar's step by its bytes: fused Adam reads 16 and writes 12. */
  private static final double FUSED_ADAM_BYTES = 28;
  private static final String FUSED = "fused Adam";

  private final String python;
  private final GpuExtent extent;
  /** Microseconds of Nlar's step by the number of its parameters, as far as it was timed. */
  private final Map<Long, Double> nlar = new HashMap<>();

  GpuRivals(String python, GpuExtent extent) {
    this.python = python;
    this.extent = extent;
  }

  /** Nlar's own figure, to which a rival's is compared. */
  void note(long parameters, double microseconds) {
    nlar.put(parameters, microseconds);
  }

  /** Runs them and hands on each finding; the last says how it ended. */
  Finding run(Consumer<Finding> findings) throws IOException, InterruptedException {
    Path script = Files.createTempFile("pytorch_figures", ".py");
    Path errors = Files.createTempFile("pytorch_figures", ".log");
    try (InputStream in = GpuRivals.class.getResourceAsStream("pytorch_figures.py")) {
      Files.copy(in, script, StandardCopyOption.REPLACE_EXISTING);
      Process process;
      try {
        process = new ProcessBuilder(python, script.toString(), Long.toString(extent.mostParameters()),
            Integer.toString(extent.rounds()), Double.toString(extent.sampleNanos() / 1e9),
            Double.toString(extent.secondsLeft())).redirectError(errors.toFile()).start();
      } catch (IOException absent) {
        return Finding.skipped("there is no program " + python + "; name a Python that has PyTorch with --python");
      }
      // Its end ends the reading, too.
      Thread.startVirtualThread(() -> stopAt(process));
      List<Finding> done = read(process, findings);
      return end(process.waitFor(), done, Files.readString(errors));
    } finally {
      Files.delete(script);
      Files.delete(errors);
    }
  }

  private void stopAt(Process process) {
    try {
      if (!process.waitFor(Math.max(0, (long) (1000 * extent.secondsLeft())), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
    }
  }

  private List<Finding> read(Process process, Consumer<Finding> findings) throws IOException {
    List<Finding> all = new ArrayList<>();
    try (BufferedReader lines = process.inputReader()) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("{")) {
          Finding finding = finding(JSON.std.mapFrom(line));
          all.add(finding);
          findings.accept(finding);
        }
      }
    }
    return all;
  }

  /** With the comparison where there is one to make. */
  private Finding finding(Map<String, Object> fields) {
    Map<String, Object> all = new LinkedHashMap<>(fields);
    Object parameters = fields.get("parameters");
    boolean single = Integer.valueOf(1).equals(fields.get("tensors"));
    if (!FUSED.equals(fields.get("rival")) || !single || !fields.containsKey("microseconds")
        || !nlar.containsKey(((Number) parameters).longValue())) {
      return new Finding(all, fields.containsKey("failed") ? Finding.State.FAILED
          : fields.containsKey("skipped") ? Finding.State.SKIPPED : Finding.State.MET);
    }
    long length = ((Number) parameters).longValue();
    double perByte = nlar.get(length) / GpuFigures.STEP_BYTES
        / (((Number) fields.get("microseconds")).doubleValue() / FUSED_ADAM_BYTES);
    Finding judged = length < GpuFigures.LARGE ? Finding.figure("perByte", perByte) : Finding.atMost("perByte", perByte, 1);
    all.putAll(judged.fields());
    return new Finding(all, judged.state());
  }

  private Finding end(int status, List<Finding> done, String errors) {
    if (status == 0) {
      return Finding.passed("figures", done.size());
    }
    String last = errors.lines().filter(line -> !line.isBlank()).reduce((a, b) -> b).orElse("no word");
    if (extent.secondsLeft() <= 0) {
      return Finding.skipped("time, after " + done.size() + " figures");
    }
    String reason = python + " ended with " + status + " after " + done.size() + " figures: " + last;
    return done.isEmpty() ? Finding.skipped(reason) : Finding.failed(reason);
  }
}
