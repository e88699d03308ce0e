package io.nlar.internal;

import io.nlar.Control;
import io.nlar.Slot;
import io.nlar.StateFileException;
import io.nlar.spi.StepEngine;
import io.nlar.spi.StepPlan;
import io.nlar.spi.TensorPlan;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;

/** Writes a step's state as a {@linkplain StateFormat state file}, in bounded memory. */
final class StateWriter {
  private static final int CHUNK = 1 << 18;

  private final StepPlan plan;
  private final StepEngine engine;

  StateWriter(StepPlan plan, StepEngine engine) {
    this.plan = plan;
    this.engine = engine;
  }

  /**
   * Writes everything into an empty file.
   *
   * @throws StateFileException if it could not be read again: names, settings or counters are beyond the format's limits
   */
  void writeTo(RandomAccessFile file) throws IOException {
    HostBlock control = new HostBlock(engine.control());
    control.load();
    StateHeaderText header =
        new StateHeaderText(plan, control.get(Control.APPLIED), control.get(Control.SKIPPED));
    MessageDigest digest = StateFormat.digest();
    OutputStream out = new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
      }

      @Override
      public void write(byte[] source, int offset, int count) throws IOException {
        digest.update(source, offset, count);
        file.write(source, offset, count);
      }
    };
    out.write(ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(header.length()).array());
    OutputStream buffered = new BufferedOutputStream(out, CHUNK);
    header.writeTo(buffered);
    buffered.flush();
    byte[] chunk = new byte[CHUNK];
    for (TensorPlan tensor : plan.tensors()) {
      for (Slot slot : plan.groupOf(tensor).config().slots()) {
        Pieces.<IOException>forEach(engine.state(tensor.index(), slot), (piece, host, offset) -> {
          piece.copyTo(host);
          for (long done = 0; done < host.byteSize(); done += CHUNK) {
            int count = (int) Math.min(CHUNK, host.byteSize() - done);
            MemorySegment.copy(host, done, MemorySegment.ofArray(chunk), 0, count);
            out.write(chunk, 0, count);
          }
        });
      }
    }
    file.seek(Long.BYTES + StateFormat.START.length());
    file.write(HexFormat.of().formatHex(digest.digest()).getBytes(StandardCharsets.US_ASCII));
  }
}
