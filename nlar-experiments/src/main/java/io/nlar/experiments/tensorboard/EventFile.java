package io.nlar.experiments.tensorboard;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import org.tensorflow.proto.Event;
import org.tensorflow.proto.Summary;

/** The event file of one run, in a folder of its own: TensorBoard takes a folder for a run. */
public final class EventFile implements AutoCloseable {
  /** TensorBoard knows event files by the word tfevents. */
  public static final String NAME = "events.out.tfevents.nlar";

  private static final String VERSION = "brain.Event:2";

  private final TfRecordWriter records;

  private EventFile(TfRecordWriter records) {
    this.records = records;
  }

  /**
   * Begins the file, in place of one that is there.
   *
   * @param run its folder; made where there is none
   * @throws IOException if it cannot be written
   */
  public static EventFile create(Path run) throws IOException {
    Files.createDirectories(run);
    EventFile file =
        new EventFile(new TfRecordWriter(new BufferedOutputStream(Files.newOutputStream(run.resolve(NAME)))));
    file.write(Event.newBuilder().setFileVersion(VERSION), 0);
    return file;
  }

  /**
   * Adds numbers and histograms of one moment.
   *
   * @param step what TensorBoard draws them over
   * @param scalars by tag; those that are NaN too
   * @param histograms by tag; empty ones are left out
   * @throws IOException if the file cannot be written
   */
  public void add(long step, Map<String, Double> scalars, Map<String, Histogram> histograms) throws IOException {
    Summary.Builder summary = Summary.newBuilder();
    scalars.forEach((tag, value) -> summary.addValue(Summary.Value.newBuilder().setTag(tag)
        .setSimpleValue(value.floatValue())));
    histograms.forEach((tag, histogram) -> {
      if (!histogram.isEmpty()) {
        summary.addValue(Summary.Value.newBuilder().setTag(tag).setHisto(histogram.toProto()));
      }
    });
    write(Event.newBuilder().setSummary(summary), step);
  }

  private void write(Event.Builder event, long step) throws IOException {
    Instant now = Instant.now();
    records.write(event.setWallTime(now.getEpochSecond() + 1e-9 * now.getNano()).setStep(step).build().toByteArray());
  }

  /** Hands everything over, so that TensorBoard shows a run that goes on. */
  public void flush() throws IOException {
    records.flush();
  }

  @Override
  public void close() throws IOException {
    records.close();
  }
}
