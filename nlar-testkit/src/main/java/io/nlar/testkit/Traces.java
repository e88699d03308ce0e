package io.nlar.testkit;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The golden traces: runs of the author's published Keras optimizers (arXiv 2410.09943), unmodified, on TensorFlow in
 * float64.
 */
public final class Traces {
  private static final String FOLDER = "golden/";
  private static final String INDEX = FOLDER + "index.txt";

  private Traces() {}

  /** All golden traces, by name. */
  public static List<Trace> all() {
    try (BufferedReader index = new BufferedReader(new InputStreamReader(open(INDEX), StandardCharsets.UTF_8))) {
      return index.lines().map(Traces::golden).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Trace golden(String file) {
    try (InputStream json = open(FOLDER + file)) {
      return TraceReader.read(file, json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static InputStream open(String resource) throws IOException {
    InputStream stream = Traces.class.getResourceAsStream(resource);
    if (stream == null) {
      throw new IOException("the test kit lacks its resource " + resource + "; its jar is incomplete");
    }
    return stream;
  }

  /**
   * Reads a trace file. {@code expected}, {@code frozenNoise}, {@code momentum}, {@code lowerClip} and
   * {@code weightDecay} may be absent.
   *
   * @throws TraceException if it is not in the format
   * @throws IOException if it cannot be read
   */
  public static Trace read(Path file) throws IOException {
    try (InputStream json = Files.newInputStream(file)) {
      return TraceReader.read(file.toString(), json);
    }
  }
}
