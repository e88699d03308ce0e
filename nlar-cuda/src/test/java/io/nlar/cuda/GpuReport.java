package io.nlar.cuda;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What all checks on a GPU found, as one JSON document. The file is written anew after every finding, so that nothing is lost
 * where a check does not end; on standard output each finding is a line.
 */
final class GpuReport {
  private static final JSON DOCUMENT = JSON.std.with(JSON.Feature.PRETTY_PRINT_OUTPUT);

  private final Path file;
  private final Map<String, Object> head = new LinkedHashMap<>();
  private final List<Map<String, Object>> findings = new ArrayList<>();
  private final long start = System.nanoTime();
  private boolean failed;
  private boolean skipped;

  GpuReport(Path file) {
    this.file = file;
  }

  /** Says something about the whole run. */
  synchronized void head(String name, Object value) {
    head.put(name, value);
    say(Map.of(name, value));
    write(false);
  }

  synchronized void add(String check, Finding finding, double seconds) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("check", check);
    fields.putAll(finding.fields());
    fields.put("seconds", Math.round(seconds * 10) / 10.0);
    findings.add(fields);
    failed |= finding.state() == Finding.State.FAILED;
    skipped |= finding.state() == Finding.State.SKIPPED;
    say(fields);
    write(false);
  }

  /** Ends the document; returns the exit status: 0 where all was met, 1 where something failed, 3 where some was left out. */
  synchronized int end() {
    write(true);
    return failed ? 1 : skipped ? 3 : 0;
  }

  private static void say(Map<String, Object> fields) {
    try {
      System.out.println(JSON.std.asString(fields));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void write(boolean complete) {
    Map<String, Object> document = new LinkedHashMap<>(head);
    document.put("complete", complete);
    document.put("seconds", Math.round((System.nanoTime() - start) / 1e8) / 10.0);
    document.put("findings", findings);
    try {
      Files.writeString(file, DOCUMENT.asString(document) + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file + "; name another file with --json", e);
    }
  }
}
