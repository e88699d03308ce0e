package io.nlar.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.StateFileException;
import io.nlar.internal.HostTensors.Span;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongPredicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tensors that several threads check and load. */
@Timeout(60)
class StateBlocksTest {
  private static final int START = 77;
  private static final int BYTES = 9 * StateFormat.BLOCK + 12_345;

  private final byte[] file = new byte[START + BYTES];
  private final Arena arena = Arena.ofShared();
  private final AtomicInteger loads = new AtomicInteger();
  /** Which positions have changed since the file was checked. */
  private volatile LongPredicate overwritten = position -> false;

  StateBlocksTest() {
    new SplittableRandom(1).nextBytes(file);
  }

  @AfterEach
  void close() {
    arena.close();
  }

  private final class Input implements StateInput {
    @Override
    public long size() {
      return file.length;
    }

    @Override
    public void read(long position, byte[] target, int offset, int length) {
      throw new AssertionError("read by the calling thread");
    }

    @Override
    public Positional positional() {
      return this::fill;
    }

    private void fill(long position, ByteBuffer target) {
      ByteBuffer to = target.slice();
      target.position(target.limit());
      to.put(file, (int) position, to.remaining());
      for (int i = 0; i < to.capacity(); i++) {
        if (overwritten.test(position + i)) {
          to.put(i, (byte) ~to.get(i));
        }
      }
    }

    @Override
    public void close() {}
  }

  private StateBlocks checked() throws IOException {
    StateBlocks blocks = new StateBlocks(new Input(), START, BYTES);
    blocks.check(StateFormat.digest(), true);
    assertTrue(blocks.sharesLoading());
    return blocks;
  }

  private byte[] bytes(long offset, long length) {
    byte[] bytes = new byte[(int) length];
    System.arraycopy(file, (int) (START + offset), bytes, 0, bytes.length);
    return bytes;
  }

  /** Native and on the heap, short and long, with gaps and at odd places. */
  @Test
  void everyTensorGetsItsBytes() throws IOException {
    List<Span> targets = new ArrayList<>();
    targets.add(new Span(0, arena.allocate(3)));
    targets.add(new Span(3, arena.allocate(0)));
    targets.add(new Span(3, MemorySegment.ofArray(new float[5])));
    targets.add(new Span(1001, arena.allocate(3 * StateFormat.BLOCK)));
    targets.add(new Span(5 * StateFormat.BLOCK - 2, MemorySegment.ofArray(new double[100_000])));
    targets.add(new Span(8 * StateFormat.BLOCK, arena.allocate(StateFormat.BLOCK)));
    targets.add(new Span(BYTES - 9, arena.allocate(9)));
    checked().load(new HostTensors(targets), loads::incrementAndGet);
    for (Span target : targets) {
      assertArrayEquals(bytes(target.offset(), target.memory().byteSize()), target.memory().toArray(ValueLayout.JAVA_BYTE),
          "from " + target.offset());
    }
    assertTrue(loads.get() > 0);
  }

  @Test
  void whatWasOverwrittenFromItsStartChangesNothing() throws IOException {
    StateBlocks blocks = checked();
    overwritten = position -> true;
    MemorySegment memory = arena.allocate(BYTES);
    String message = assertThrows(StateFileException.class,
        () -> blocks.load(new HostTensors(List.of(new Span(0, memory))), loads::incrementAndGet)).getMessage();
    assertTrue(message.contains("was overwritten while it was restored"), message);
    assertEquals(0, loads.get());
    assertArrayEquals(new byte[BYTES], memory.toArray(ValueLayout.JAVA_BYTE));
  }

  /** One byte, anywhere: where pieces are copied, and where they are read to their place. */
  @Test
  void aByteThatWasOverwrittenIsFound() throws IOException {
    StateBlocks blocks = checked();
    for (long wrong : new long[] {0, SharedTransfers.PIECE - 1, 4_000_000, 8 * StateFormat.BLOCK, BYTES - 1}) {
      overwritten = position -> position == START + wrong;
      assertThrows(StateFileException.class,
          () -> blocks.load(new HostTensors(List.of(new Span(0, arena.allocate(BYTES)))), () -> { }), "byte " + wrong);
    }
  }

  /** What is not asked for is not read again. */
  @Test
  void othersTensorsDoNotMatter() throws IOException {
    StateBlocks blocks = checked();
    overwritten = position -> position >= START + StateFormat.BLOCK;
    MemorySegment memory = arena.allocate(StateFormat.BLOCK);
    blocks.load(new HostTensors(List.of(new Span(0, memory))), () -> { });
    assertArrayEquals(bytes(0, StateFormat.BLOCK), memory.toArray(ValueLayout.JAVA_BYTE));
  }

  @Test
  void aFailureOfAThreadReachesTheCallerAndEndsAll() {
    IOException failure = new IOException("the disk is gone");
    AtomicInteger shares = new AtomicInteger();
    assertSame(failure, assertThrows(IOException.class, () -> SharedTransfers.run("test", 1_000_000, (number, buffer) -> {
      shares.incrementAndGet();
      throw failure;
    })));
    assertTrue(shares.get() <= 4, shares + " shares");
    OutOfMemoryError error = new OutOfMemoryError("no room");
    assertSame(error, assertThrows(OutOfMemoryError.class, () -> SharedTransfers.run("test", 1, (number, buffer) -> {
      throw error;
    })));
  }

  @Test
  void anInterruptReachesNoShare() throws IOException {
    Thread.currentThread().interrupt();
    try {
      SharedTransfers.run("test", 10, (number, buffer) -> assertFalse(Thread.currentThread().isInterrupted()));
      assertTrue(Thread.currentThread().isInterrupted());
    } finally {
      Thread.interrupted();
    }
  }
}
