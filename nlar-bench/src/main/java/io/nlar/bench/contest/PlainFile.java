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
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * The yardsticks of state files: as many bytes between a file and memory, by one thread, in the folder for temporary files.
 *
 * @param way what is timed
 */
public record PlainFile(Way way) implements Entrant {
  /** What is done. */
  public enum Way {
    READ("plain read"),
    /** Written over what is there, which is lost where that breaks off, and forced to the disk. */
    OVERWRITE("plain write, forced"),
    /** Written to a new file, forced, and moved to the place of the old one: what keeps that until there is another. */
    REPLACE("plain write to a new file, forced and moved");

    private final String words;

    Way(String words) {
      this.words = words;
    }
  }

  private static final NlarStep STEP = new NlarStep("", StepConfig.nlarcm());
  private static final long PIECE = 1 << 20;

  @Override
  public String name() {
    return way.words;
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
    Path next = file.resolveSibling(file.getFileName() + ".new");
    return new Contestant() {
      @Override
      public void verify() {
        memory.fill((byte) 1);
        once(way == Way.READ ? Way.OVERWRITE : way);
        memory.fill((byte) 2);
        once(Way.READ);
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
          once(way);
        }
      }

      private void once(Way how) {
        try {
          switch (how) {
            case READ -> transfer(file, true);
            case OVERWRITE -> transfer(file, false);
            case REPLACE -> {
              transfer(next, false);
              Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
            }
          }
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }

      private void transfer(Path at, boolean reading) throws IOException {
        try (FileChannel channel = FileChannel.open(
            at, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
          for (long done = 0; done < memory.byteSize(); done += PIECE) {
            ByteBuffer piece = memory.asSlice(done, Math.min(PIECE, memory.byteSize() - done)).asByteBuffer();
            while (piece.hasRemaining()) {
              if ((reading ? channel.read(piece) : channel.write(piece)) < 0) {
                throw new EOFException(at + " is too short");
              }
            }
          }
          if (!reading) {
            channel.force(true);
          }
        }
      }

      @Override
      public void close() {
        arena.close();
        try {
          Files.deleteIfExists(file);
          Files.deleteIfExists(next);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    };
  }
}
