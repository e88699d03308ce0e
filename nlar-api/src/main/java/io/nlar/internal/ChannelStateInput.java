package io.nlar.internal;

import io.nlar.StateFileException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** A state from the caller's channel: from its position to its end. The caller's thread reads it, since the channel is its own. */
final class ChannelStateInput implements StateInput {
  private final SeekableByteChannel channel;
  private final long start;
  private final long size;

  private ChannelStateInput(SeekableByteChannel channel) throws IOException {
    this.channel = channel;
    this.start = channel.position();
    this.size = Math.max(0, channel.size() - start);
  }

  /**
   * All that a channel holds from its position on. What cannot be read twice is copied to a temporary file first.
   *
   * @throws IOException if the channel fails, or there is no room for the file
   */
  static StateInput of(ReadableByteChannel channel) throws IOException {
    return channel instanceof SeekableByteChannel seekable ? new ChannelStateInput(seekable) : copied(channel);
  }

  private static StateInput copied(ReadableByteChannel channel) throws IOException {
    Path copy = Files.createTempFile("nlar-state-", ".tmp");
    try {
      Files.copy(Channels.newInputStream(channel), copy, StandardCopyOption.REPLACE_EXISTING);
      return new Copy(copy, new FileStateInput(copy));
    } catch (Throwable failure) {
      Files.deleteIfExists(copy);
      throw failure;
    }
  }

  /** A temporary file. */
  private record Copy(Path file, StateInput input) implements StateInput {
    @Override
    public long size() {
      return input.size();
    }

    @Override
    public void read(long position, byte[] target, int offset, int length) throws IOException {
      input.read(position, target, offset, length);
    }

    @Override
    public Positional positional() {
      return input.positional();
    }

    @Override
    public void close() throws IOException {
      input.close();
      Files.deleteIfExists(file);
    }
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public void read(long position, byte[] target, int offset, int length) throws IOException {
    channel.position(start + position);
    for (ByteBuffer left = ByteBuffer.wrap(target, offset, length); left.hasRemaining(); ) {
      if (channel.read(left) < 0) {
        throw new StateFileException("the channel became shorter while it was read; restore when nothing writes to it");
      }
    }
  }

  /** Leaves the channel, which is the caller's, behind the state. */
  @Override
  public void close() throws IOException {
    if (channel.isOpen()) {
      channel.position(start + size);
    }
  }
}
