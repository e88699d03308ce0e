package io.nlar.cuda;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A host driver that writes its launches, with the memory before and after them, to a file for replay.cpp. */
final class LaunchRecording extends HostDriver {
  private final OutputStream out;
  private boolean recording;
  private long launches;

  LaunchRecording(long memoryBytes, Path file) throws IOException {
    super(memoryBytes);
    out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 20);
  }

  /** Records all launches of {@code action}, during which the host writes nothing to the device. */
  void record(Runnable action) {
    write('M');
    memory();
    recording = true;
    action.run();
    recording = false;
    write('C');
    memory();
  }

  long launches() {
    return launches;
  }

  @Override
  void launched(String name, MemorySegment entry, int threadBlocks, int threads, MemorySegment arguments) {
    if (recording) {
      write('L');
      byte[] text = name.getBytes(StandardCharsets.US_ASCII);
      write(MemorySegment.ofArray(text));
      write(threadBlocks);
      write(threads);
      write(arguments);
      launches++;
    }
    super.launched(name, entry, threadBlocks, threads, arguments);
  }

  private void memory() {
    write(allocations().size());
    allocations().forEach((address, bytes) -> {
      write(address);
      write(at(address, bytes));
    });
  }

  private void write(long number) {
    try {
      out.write(ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder()).putLong(number).array());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void write(MemorySegment bytes) {
    write(bytes.byteSize());
    try {
      out.write(bytes.toArray(ValueLayout.JAVA_BYTE));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    super.close();
    write('E');
    try {
      out.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
