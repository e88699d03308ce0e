package io.nlar.spark;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.network.buffer.ManagedBuffer;
import org.apache.spark.network.shuffle.BlockFetchingListener;
import org.apache.spark.storage.BlockData;
import org.apache.spark.storage.BlockId;
import org.apache.spark.storage.BlockManager;
import org.apache.spark.storage.BlockManagerId;
import org.apache.spark.storage.BroadcastBlockId;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.io.ChunkedByteBuffer;
import scala.Option;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractFunction1;

/**
 * Memory from worker to worker through Spark's block managers: the sender keeps blocks, the receivers fetch them over Spark's own
 * connections, with its authentication and encryption. The driver, which Spark usually tells of every block, is not asked.
 *
 * <p>Blocks bear the number of the broadcast that shipped the initial parameters, so that with it they disappear everywhere,
 * whatever became of those who wrote them. Those of a stage's attempt are told from an earlier one's.
 */
final class Exchange {
  /** Bytes of a block: whole memory is cut, since a buffer of Java ends at 2 GiB, and so that fetching and copying overlap. */
  private static final int PIECE = 4 << 20;
  private static final String PREFIX = "nlar_";
  private static final ClassTag<Object> ANY = ClassTag$.MODULE$.apply(Object.class);

  private final BarrierTaskContext context;
  private final BlockManager blocks = SparkEnv.get().blockManager();
  private final long broadcast;
  private final int self;
  private final BlockManagerId[] peers;
  private int round;
  private final Deque<Kept> kept = new ArrayDeque<>();

  /** Takes what arrives: a piece, the number of what was {@linkplain Wanted wanted}, and where in it the piece belongs. */
  @FunctionalInterface
  interface Receiver {
    void receive(int wanted, long offset, MemorySegment piece);
  }

  /** Where the bytes are that are sent. */
  @FunctionalInterface
  interface Source {
    void fill(long offset, MemorySegment piece);
  }

  private record Kept(BlockId id, int round) {}

  private record Piece(int wanted, int from, long offset, String block) {}

  private record Arrival(Piece piece, ManagedBuffer data, Throwable failure) {}

  /** Tells all workers of each other. */
  Exchange(BarrierTaskContext context, Rendezvous rendezvous, long broadcast) throws InterruptedException {
    this.context = context;
    this.broadcast = broadcast;
    this.self = context.partitionId();
    BlockManagerId own = blocks.blockManagerId();
    String[] addresses = rendezvous.gather(own.executorId() + " " + own.port() + " " + own.host());
    peers = new BlockManagerId[addresses.length];
    for (int i = 0; i < peers.length; i++) {
      String[] words = addresses[i].split(" ", 3);
      peers[i] = BlockManagerId.apply(words[0], words[2], Integer.parseInt(words[1]), Option.empty());
    }
  }

  /**
   * Keeps bytes for another worker, or for all of them, until {@link #release}.
   *
   * @param name what the receiver asks for; letters, digits and underscores
   * @param length how many bytes there are
   * @param source fills pieces of them
   */
  void offer(String name, long length, Source source) {
    for (long offset = 0; offset < length; offset += PIECE) {
      byte[] bytes = new byte[(int) Math.min(PIECE, length - offset)];
      source.fill(offset, MemorySegment.ofArray(bytes));
      BlockId id = new BroadcastBlockId(broadcast, field(self, name, offset));
      if (!blocks.putBytes(id, new ChunkedByteBuffer(ByteBuffer.wrap(bytes)), StorageLevel.MEMORY_AND_DISK_SER(), false, ANY)) {
        throw new TrainingException("Spark's block manager did not take a block of " + bytes.length
            + " bytes; give executors more memory or disk");
      }
      kept.add(new Kept(id, round));
    }
  }

  private String field(int from, String name, long offset) {
    return PREFIX + context.stageAttemptNumber() + "_" + name + "_" + from + "_" + offset / PIECE;
  }

  /**
   * All workers have met: what was offered before the meeting before the last one has been fetched by all of them, and is removed.
   */
  void met() {
    round++;
    while (!kept.isEmpty() && kept.peek().round <= round - 2) {
      blocks.removeBlock(kept.remove().id, false);
    }
  }

  /** Removes all that is still kept. */
  void release() {
    kept.forEach(block -> blocks.removeBlock(block.id, false));
    kept.clear();
  }

  /** What is to be fetched from one worker: memory of so many bytes, offered under a name. */
  record Wanted(int from, String name, long bytes) {}

  /** Fetches memory from others, all at once; pieces are handed over by the calling thread, in the order in which they come. */
  void fetch(List<Wanted> wanted, Receiver receiver) throws InterruptedException {
    BlockingQueue<Arrival> arrivals = new LinkedBlockingQueue<>();
    int outstanding = 0;
    List<Piece> own = new ArrayList<>();
    for (int number = 0; number < wanted.size(); number++) {
      Wanted one = wanted.get(number);
      List<Piece> pieces = new ArrayList<>();
      for (long offset = 0; offset < one.bytes; offset += PIECE) {
        pieces.add(new Piece(number, one.from, offset, new BroadcastBlockId(broadcast, field(one.from, one.name, offset)).name()));
      }
      if (peers[one.from].executorId().equals(peers[self].executorId())) {
        own.addAll(pieces);
      } else if (!pieces.isEmpty()) {
        request(peers[one.from], pieces, arrivals);
        outstanding += pieces.size();
      }
    }
    own.forEach(piece -> local(piece, receiver));
    while (outstanding > 0) {
      Arrival arrival = arrivals.poll(1, TimeUnit.SECONDS);
      if (arrival == null) {
        context.killTaskIfInterrupted();
        continue;
      }
      take(arrival, receiver);
      outstanding--;
    }
  }

  private void request(BlockManagerId peer, List<Piece> pieces, BlockingQueue<Arrival> arrivals) {
    BlockFetchingListener listener = new BlockFetchingListener() {
      @Override
      public void onBlockFetchSuccess(String block, ManagedBuffer data) {
        data.retain();
        arrivals.add(new Arrival(piece(block), data, null));
      }

      @Override
      public void onBlockFetchFailure(String block, Throwable failure) {
        arrivals.add(new Arrival(piece(block), null, failure));
      }

      private Piece piece(String block) {
        return pieces.stream().filter(piece -> piece.block.equals(block)).findFirst().orElseThrow();
      }
    };
    blocks.blockTransferService().fetchBlocks(peer.host(), peer.port(), peer.executorId(),
        pieces.stream().map(Piece::block).toArray(String[]::new), listener, null);
  }

  private static void take(Arrival arrival, Receiver receiver) {
    if (arrival.failure != null) {
      throw new TrainingException("a block could not be fetched from worker " + arrival.piece.from + ": "
          + arrival.failure.getMessage(), arrival.failure);
    }
    try {
      receiver.receive(arrival.piece.wanted, arrival.piece.offset, MemorySegment.ofBuffer(arrival.data.nioByteBuffer()));
    } catch (IOException failure) {
      throw new TrainingException("a block from worker " + arrival.piece.from + " could not be read: " + failure.getMessage(),
          failure);
    } finally {
      arrival.data.release();
    }
  }

  /** A block of another worker in this process. */
  private void local(Piece piece, Receiver receiver) {
    BlockId id = BlockId.apply(piece.block);
    Option<BlockData> data = blocks.getLocalBytes(id);
    if (data.isEmpty()) {
      throw new TrainingException("there is no block of worker " + piece.from + " in this process");
    }
    try {
      receiver.receive(piece.wanted, piece.offset, MemorySegment.ofBuffer(data.get().toByteBuffer()));
    } finally {
      blocks.releaseLock(id, Option.apply(context));
    }
  }

  /** Removes what an earlier attempt of this training has left in this process. */
  void clear() {
    for (BlockId id : CollectionConverters.asJava(blocks.getMatchingBlockIds(new Earlier(broadcast, PREFIX + context.stageAttemptNumber() + "_")))) {
      blocks.removeBlock(id, false);
    }
  }

  /** Whether a block belongs to an earlier attempt. */
  private static final class Earlier extends AbstractFunction1<BlockId, Object> {
    private final long broadcast;
    private final String own;

    Earlier(long broadcast, String own) {
      this.broadcast = broadcast;
      this.own = own;
    }

    @Override
    public Object apply(BlockId id) {
      return id instanceof BroadcastBlockId block && block.broadcastId() == broadcast && block.field().startsWith(PREFIX)
          && !block.field().startsWith(own);
    }
  }
}
