package io.nlar.spark;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import org.apache.spark.network.buffer.ManagedBuffer;
import org.apache.spark.network.util.AbstractFileRegion;

/**
 * Memory on its way to another worker: copied into small pieces when the connection takes them, and never as a whole, so that sending
 * takes no memory of its own.
 */
final class Outgoing extends ManagedBuffer {
  /** Bytes of a piece: what does not fit into the connection's buffer is copied again. */
  private static final int PIECE = 128 << 10;
  private static final ThreadLocal<ByteBuffer> PIECES = ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(PIECE));

  private final long bytes;
  private final Exchange.Source source;

  Outgoing(long bytes, Exchange.Source source) {
    this.bytes = bytes;
    this.source = source;
  }

  @Override
  public long size() {
    return bytes;
  }

  @Override
  public AbstractFileRegion convertToNetty() {
    return new Region();
  }

  @Override
  public InputStream convertToNettyForSsl() {
    return createInputStream();
  }

  @Override
  public ByteBuffer nioByteBuffer() {
    ByteBuffer whole = ByteBuffer.allocate(Math.toIntExact(bytes));
    source.fill(0, MemorySegment.ofBuffer(whole));
    return whole;
  }

  @Override
  public InputStream createInputStream() {
    return new InputStream() {
      private long position;

      @Override
      public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] target, int from, int most) {
        int count = (int) Math.min(most, bytes - position);
        if (count == 0) {
          return most == 0 ? 0 : -1;
        }
        source.fill(position, MemorySegment.ofArray(target).asSlice(from, count));
        position += count;
        return count;
      }

      @Override
      public int available() {
        return (int) Math.min(Integer.MAX_VALUE, bytes - position);
      }
    };
  }

  /** The caller's arrays are not counted. */
  @Override
  public ManagedBuffer retain() {
    return this;
  }

  @Override
  public ManagedBuffer release() {
    return this;
  }

  /** What the connection draws from, piece by piece. */
  private final class Region extends AbstractFileRegion {
    private long transferred;

    @Override
    public long position() {
      return 0;
    }

    @Override
    public long transferred() {
      return transferred;
    }

    @Override
    public long count() {
      return bytes;
    }

    @Override
    public long transferTo(WritableByteChannel target, long position) throws IOException {
      ByteBuffer piece = PIECES.get().clear().limit((int) Math.min(PIECE, bytes - position));
      source.fill(position, MemorySegment.ofBuffer(piece));
      int written = target.write(piece);
      transferred += written;
      return written;
    }

    @Override
    protected void deallocate() {}
  }
}
