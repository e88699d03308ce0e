package io.nlar.experiments;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads event files by the published formats alone: the records' framing with a CRC-32C of its own, and Protocol Buffers'
 * wire format with the numbers of the fields in event.proto and summary.proto. Shares nothing with what writes them.
 */
final class EventReader {
  private EventReader() {}

  /** An event: its step, and its values by tag: a {@code Double} or a {@code Histogram}. */
  record Event(double wallTime, long step, String version, Map<String, Object> values) {}

  /** A histogram: bucket i goes from the limit before it (the least number, for the first) to its own. */
  record Histogram(double least, double most, double count, double sum, double squares, double[] limits,
      double[] buckets) {}

  static List<Event> read(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    List<Event> events = new ArrayList<>();
    while (bytes.hasRemaining()) {
      byte[] head = take(bytes, 8);
      assertEquals(masked(head), bytes.getInt(), "checksum of the length of event " + events.size());
      byte[] data = take(bytes, Math.toIntExact(ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).getLong()));
      assertEquals(masked(data), bytes.getInt(), "checksum of event " + events.size());
      events.add(event(fields(data)));
    }
    return events;
  }

  private static byte[] take(ByteBuffer from, int length) {
    byte[] taken = new byte[length];
    from.get(taken);
    return taken;
  }

  /** CRC-32C bit by bit, and TensorFlow's mask. */
  static int masked(byte[] data) {
    int crc = ~0;
    for (byte b : data) {
      crc ^= b & 0xff;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc >>> 1) ^ ((crc & 1) == 0 ? 0 : 0x82f63b78);
      }
    }
    crc = ~crc;
    return ((crc >>> 15) | (crc << 17)) + 0xa282ead8;
  }

  /** The fields of a message by number, in order; what they hold as 8, 4 or any number of bytes, or a varint in 8. */
  private static Map<Integer, List<ByteBuffer>> fields(byte[] message) {
    Map<Integer, List<ByteBuffer>> fields = new HashMap<>();
    ByteBuffer bytes = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.hasRemaining()) {
      long key = varint(bytes);
      byte[] value = switch ((int) (key & 7)) {
        case 0 -> ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(varint(bytes)).array();
        case 1 -> take(bytes, 8);
        case 2 -> take(bytes, Math.toIntExact(varint(bytes)));
        case 5 -> take(bytes, 4);
        default -> throw new AssertionError("wire type " + (key & 7));
      };
      fields.computeIfAbsent((int) (key >>> 3), number -> new ArrayList<>())
          .add(ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN));
    }
    return fields;
  }

  private static long varint(ByteBuffer bytes) {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte b = bytes.get();
      value |= (long) (b & 0x7f) << shift;
      if (b >= 0) {
        return value;
      }
    }
  }

  private static Event event(Map<Integer, List<ByteBuffer>> fields) {
    Map<String, Object> values = new HashMap<>();
    for (ByteBuffer summary : fields.getOrDefault(5, List.of())) {
      for (ByteBuffer value : fields(summary.array()).getOrDefault(1, List.of())) {
        Map<Integer, List<ByteBuffer>> parts = fields(value.array());
        String tag = text(parts.get(1).getFirst());
        assertTrue(values.put(tag, parts.containsKey(2) ? (double) parts.get(2).getFirst().getFloat()
            : histogram(fields(parts.get(5).getFirst().array()))) == null, "twice in an event: " + tag);
      }
    }
    return new Event(number(fields, 1), fields.containsKey(2) ? fields.get(2).getFirst().getLong() : 0,
        fields.containsKey(3) ? text(fields.get(3).getFirst()) : null, values);
  }

  private static Histogram histogram(Map<Integer, List<ByteBuffer>> fields) {
    return new Histogram(number(fields, 1), number(fields, 2), number(fields, 3), number(fields, 4), number(fields, 5),
        numbers(fields, 6), numbers(fields, 7));
  }

  private static String text(ByteBuffer bytes) {
    return new String(bytes.array(), StandardCharsets.UTF_8);
  }

  /** A double that, as proto3 has it, is not there where it is 0. */
  private static double number(Map<Integer, List<ByteBuffer>> fields, int field) {
    return fields.containsKey(field) ? fields.get(field).getFirst().getDouble() : 0;
  }

  private static double[] numbers(Map<Integer, List<ByteBuffer>> fields, int field) {
    ByteBuffer packed = fields.get(field).getFirst();
    double[] numbers = new double[packed.capacity() / Double.BYTES];
    packed.asDoubleBuffer().get(numbers);
    return numbers;
  }
}
