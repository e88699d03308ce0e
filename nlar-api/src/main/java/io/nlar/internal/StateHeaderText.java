package io.nlar.internal;

import io.nlar.StateFileException;
import io.nlar.spi.GroupPlan;
import io.nlar.spi.SlotPlan;
import io.nlar.spi.StepPlan;
import io.nlar.spi.TensorPlan;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** The header of a state file as it is written: once to learn its length, once into the file; never as a whole in memory. */
final class StateHeaderText {
  private final StepPlan plan;
  private final long applied;
  private final long skipped;
  private final long length;

  /**
   * The header of a step's state.
   *
   * @param applied the step counter, as the control block holds it
   * @param skipped the counter of skipped steps, likewise
   * @throws StateFileException if a file with it could not be read again
   */
  StateHeaderText(StepPlan plan, double applied, double skipped) throws IOException {
    this.plan = plan;
    this.applied = counter("applied", applied);
    this.skipped = counter("skipped", skipped);
    if (plan.tensors().size() > StateFormat.MOST_PARAMETERS) {
      throw new StateFileException("cannot save " + plan.tensors().size() + " parameters; a state file holds "
          + StateFormat.MOST_PARAMETERS + " at most: use several steps");
    }
    Counter counter = new Counter();
    json(counter);
    this.length = Math.ceilDiv(counter.bytes, 8) * 8L;
    if (length > StateFormat.LARGEST_HEADER) {
      throw new StateFileException("cannot save: the names and settings of this step take a header of " + length
          + " bytes; the file format allows " + StateFormat.LARGEST_HEADER + ": use fewer or shorter names");
    }
  }

  private static long counter(String name, double value) {
    if (!(value >= 0 && value <= StateFormat.LARGEST_COUNTER && value == Math.rint(value))) {
      throw new StateFileException("cannot save: the control block counts " + value + " " + name
          + " steps; expected a whole number from 0 to 2^53: set it right in Step.control()");
    }
    return (long) value;
  }

  private static final class Counter extends OutputStream {
    private long bytes;

    @Override
    public void write(int b) {
      bytes++;
    }

    @Override
    public void write(byte[] source, int offset, int count) {
      bytes += count;
    }
  }

  /** How many bytes {@link #writeTo} writes: a multiple of 8, as the format asks. */
  long length() {
    return length;
  }

  /** Writes the header with zeros for the digest, and spaces up to its length. */
  void writeTo(OutputStream out) throws IOException {
    Counter counter = new Counter();
    json(new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        out.write(b);
        counter.write(b);
      }

      @Override
      public void write(byte[] source, int offset, int count) throws IOException {
        out.write(source, offset, count);
        counter.write(source, offset, count);
      }
    });
    for (long i = counter.bytes; i < length; i++) {
      out.write(' ');
    }
  }

  private void json(OutputStream bytes) throws IOException {
    Writer out = new BufferedWriter(new OutputStreamWriter(bytes, StandardCharsets.UTF_8));
    out.write(StateFormat.START + StateFormat.NO_DIGEST + '"');
    metadata(out, StateFormat.FORMAT, plan.partial() ? StateFormat.FORMAT_OF_PARTS : StateFormat.FORMAT_VALUE);
    metadata(out, StateFormat.NUMERICS, StateFormat.NUMERICS_VALUE);
    metadata(out, StateFormat.APPLIED, Long.toString(applied));
    metadata(out, StateFormat.SKIPPED, Long.toString(skipped));
    out.write(",\"" + StateFormat.GROUPS + "\":\"");
    groups(new JsonEscape(out));
    out.write("\"}");
    long offset = 0;
    for (TensorPlan tensor : plan.tensors()) {
      GroupPlan group = plan.groupOf(tensor);
      for (SlotPlan slot : group.allSlots()) {
        long length = slot.slot().length(tensor.length());
        long size = length * slot.type().bytes();
        out.write(',');
        JsonEscape.text(out, StateFormat.key(tensor.name(), slot.slot()));
        out.write(":{\"" + StateFormat.DTYPE + "\":\"" + StateFormat.dtype(slot.type()) + "\",\"" + StateFormat.SHAPE
            + "\":[" + length + "],\"" + StateFormat.OFFSETS + "\":[" + offset + "," + (offset + size) + "]}");
        offset += size;
      }
    }
    out.write('}');
    out.flush();
  }

  private static void metadata(Writer out, String key, String value) throws IOException {
    out.write(",\"" + key + "\":\"" + value + '"');
  }

  private void groups(Writer out) throws IOException {
    out.write('[');
    int next = 0;
    for (int group = 0; group < plan.groups().size(); group++) {
      out.write((group == 0 ? "" : ",") + "{\"" + StateFormat.CONFIG + "\":{");
      String comma = "";
      for (Map.Entry<String, String> setting : ConfigMap.of(plan.groups().get(group).config()).entrySet()) {
        out.write(comma);
        comma = ",";
        JsonEscape.text(out, setting.getKey());
        out.write(':');
        JsonEscape.text(out, setting.getValue());
      }
      boolean parts = partial(group);
      out.write("},\"" + (parts ? StateFormat.PARTS : StateFormat.PARAMETERS) + "\":[");
      comma = "";
      for (; next < plan.tensors().size() && plan.tensors().get(next).group() == group; next++) {
        TensorPlan tensor = plan.tensors().get(next);
        out.write(comma + (parts ? "[" : ""));
        comma = ",";
        JsonEscape.text(out, tensor.name());
        if (parts) {
          out.write("," + tensor.offset() + "," + tensor.whole() + "]");
        }
      }
      out.write("]}");
    }
    out.write(']');
  }

  private boolean partial(int group) {
    return plan.tensors().stream().anyMatch(tensor -> tensor.group() == group && tensor.partial());
  }
}
