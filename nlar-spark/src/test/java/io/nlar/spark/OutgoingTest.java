package io.nlar.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.channel.FileRegion;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class OutgoingTest {
  private static final byte[] BYTES = bytes(300_001);
  private static final Outgoing OUTGOING = new Outgoing(BYTES.length,
      (offset, piece) -> MemorySegment.copy(MemorySegment.ofArray(BYTES), offset, piece, 0, piece.byteSize()));

  private static byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    new SplittableRandom(1).nextBytes(bytes);
    return bytes;
  }

  /** A connection whose buffer is often full takes any part of what it is offered, or nothing. */
  private static final class Narrow implements WritableByteChannel {
    private final SplittableRandom random = new SplittableRandom(2);
    private final ByteArrayOutputStream taken = new ByteArrayOutputStream();

    @Override
    public int write(ByteBuffer offered) {
      byte[] bytes = new byte[random.nextInt(offered.remaining() + 1)];
      offered.get(bytes);
      taken.writeBytes(bytes);
      return bytes.length;
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }

  @Test
  void aConnectionDrawsAllBytesInOrder() throws IOException {
    FileRegion region = OUTGOING.convertToNetty();
    Narrow channel = new Narrow();
    while (region.transferred() < region.count()) {
      region.transferTo(channel, region.transferred());
    }
    assertArrayEquals(BYTES, channel.taken.toByteArray());
  }

  @Test
  void streamAndBufferHaveTheSameBytes() throws IOException {
    assertEquals(BYTES.length, OUTGOING.size());
    assertArrayEquals(BYTES, OUTGOING.convertToNettyForSsl().readAllBytes());
    assertEquals(ByteBuffer.wrap(BYTES), OUTGOING.nioByteBuffer());
    var stream = OUTGOING.createInputStream();
    assertEquals(BYTES[0] & 0xff, stream.read());
    assertEquals(BYTES.length - 1, stream.available());
  }
}
