package io.nlar.bench.contest;

import io.nlar.StepConfig;
import io.nlar.bench.harness.Contestant;
import io.nlar.bench.harness.VerificationException;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The yardstick of state files: as many bytes, read from a file into memory, or written from there and forced to the disk, by one
 * thread, in the folder for temporary files.
 *
 * @param read whether the file is read and not written
 */
public record PlainFile(boolean read) implements Entrant {
  private static final NlarStep STEP = new NlarStep("", StepConfig.nlarcm());
  private static final long PIECE = 1 << 20;

  @Override
  public String name() {
    return read ? "plain read" : "plain write, forced";
  }

  @Override
  public Kind kind() {
    return Kind.PART;
  }

  @Override
  public double trafficBytes(Workload workload) {
    return (double) memoryBytes(workload) / workload.size();
  }

  @Override
  public long memoryBytes(Workload workload) {
    return STEP.memoryBytes(workload);
  }

  @Override
  public Contestant open(Tensors tensors) {
    Arena arena = Arena.ofShared();
    MemorySegment memory = arena.allocate(memoryBytes(tensors.workload()), Long.BYTES);
    Path file;
    try {
      file = Files.createTempFile("nlar-bench", ".bytes");
    } catch (IOException e) {
      arena.close();
      throw new UncheckedIOException("no file can be made in the folder for temporary files: " + e.getMessage(), e);
    }
    return new Contestant() {
      @Override
      public void verify() {
        memory.fill((byte) 1);
        once(false);
        memory.fill((byte) 2);
        once(true);
        MemorySegment expected = MemorySegment.ofArray(new byte[(int) PIECE]).fill((byte) 1);
        for (long at = 0; at < memory.byteSize(); at += PIECE) {
          long count = Math.min(PIECE, memory.byteSize() - at);
          if (memory.asSlice(at, count).mismatch(expected.asSlice(0, count)) >= 0) {
            throw new VerificationException("a file was not read as it was written, from byte " + at + " on");
          }
        }
      }

      @Override
      public void run(long times) {
        for (long i = 0; i < times; i++) {
          once(read);
        }
      }

      private void once(boolean reading) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
          for (long at = 0; at < memory.byteSize(); at += PIECE) {
            ByteBuffer piece = memory.asSlice(at, Math.min(PIECE, memory.byteSize() - at)).asByteBuffer();
            while (piece.hasRemaining()) {
              if ((reading ? channel.read(piece) : channel.write(piece)) < 0) {
                throw new EOFException(file + " is too short");
              }
            }
          }
          if (!reading) {
            channel.force(true);
          }
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }

      @Override
      public void close() {
        arena.close();
        try {
          Files.deleteIfExists(file);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    };
  }
}
