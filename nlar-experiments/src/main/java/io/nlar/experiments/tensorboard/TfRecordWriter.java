package io.nlar.experiments.tensorboard;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * Writes records one after another in the framing that TensorFlow calls TFRecord. All numbers are little-endian:
 *
 * <pre>
 * length n (64 bits) | masked CRC-32C of these 8 bytes (32 bits) | n bytes | masked CRC-32C of the n bytes (32 bits)
 * </pre>
 *
 * <p>Source: "TFRecords format details" in TensorFlow's documentation.
 */
final class TfRecordWriter implements Closeable {
  private static final int MASK = 0xa282ead8;

  private final OutputStream out;
  private final ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private final ByteBuffer checksum = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private final CRC32C crc = new CRC32C();

  TfRecordWriter(OutputStream out) {
    this.out = out;
  }

  void write(byte[] record) throws IOException {
    length.putLong(0, record.length);
    out.write(length.array());
    writeChecksum(length.array());
    out.write(record);
    writeChecksum(record);
  }

  /** Rotated by 15 bits, and a constant added: a record may hold checksums itself, and their CRC would be weak. */
  private void writeChecksum(byte[] bytes) throws IOException {
    crc.reset();
    crc.update(bytes);
    checksum.putInt(0, Integer.rotateRight((int) crc.getValue(), 15) + MASK);
    out.write(checksum.array());
  }

  void flush() throws IOException {
    out.flush();
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
