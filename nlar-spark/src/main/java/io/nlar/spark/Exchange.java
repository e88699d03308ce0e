package io.nlar.spark;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SecurityManager;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.network.TransportContext;
import org.apache.spark.network.buffer.NioManagedBuffer;
import org.apache.spark.network.client.RpcResponseCallback;
import org.apache.spark.network.client.StreamCallbackWithID;
import org.apache.spark.network.client.TransportClient;
import org.apache.spark.network.client.TransportClientBootstrap;
import org.apache.spark.network.client.TransportClientFactory;
import org.apache.spark.network.crypto.AuthClientBootstrap;
import org.apache.spark.network.crypto.AuthServerBootstrap;
import org.apache.spark.network.netty.SparkTransportConf;
import org.apache.spark.network.server.OneForOneStreamManager;
import org.apache.spark.network.server.RpcHandler;
import org.apache.spark.network.server.StreamManager;
import org.apache.spark.network.server.TransportServer;
import org.apache.spark.network.server.TransportServerBootstrap;
import org.apache.spark.network.util.TransportConf;
import scala.Option;

/**
 * Memory from worker to worker through Spark's transport, the one that its block managers use, with Spark's secret and encryption where
 * they are switched on. Who has something sends it; who needs it waits. Nobody asks for anything, so that no meeting is needed, and bytes go
 * from array to connection and from connection to array, with no copy in between.
 *
 * <p><b>What is sent may be overwritten, and what is received into too, although nobody says so:</b> in each step everyone sends all of
 * one {@link Kind}, waits for all of it, uses it, and only then sends the next; sums and values to everyone, be they empty. Who has
 * received everybody's values knows that all have used gradients and sums of this step; who has received everybody's sums of the next
 * one, or of those before a checkpoint, that all have used the values.
 */
final class Exchange implements AutoCloseable {
  /** What is exchanged in a step, in this order, once each; before a checkpoint sums may follow once more. */
  enum Kind { GRADIENTS, SUMS, VALUES }

  /** In the names of settings, {@code spark.nlar.io.…} as {@code spark.shuffle.io.…} of the block managers, and of threads. */
  private static final String MODULE = "nlar";
  /** A connection that breaks says that a worker has died; Spark, who ends this task then, is given as long to notice. */
  private static final long GRACE = TimeUnit.SECONDS.toNanos(15);
  private static final long LOOK = 1000;

  private final BarrierTaskContext context;
  private final String token;
  private final int self;
  private final long limit;
  private final Map<String, Inbox> inboxes = new HashMap<>();
  private final int[] expected = new int[Kind.values().length];
  private final long[] rounds = new long[expected.length];
  private final TransportContext transport;
  private final TransportServer server;
  private final TransportClientFactory factory;
  private final TransportClient[] clients;
  /** How many messages of a kind have come since they were last waited for, and when the latest began to come. */
  private final int[] arrived = new int[expected.length];
  private final long[] latest = new long[expected.length];
  private Throwable wrong;
  private Throwable broken;

  /**
   * What another worker sends in each step.
   *
   * @param index tells messages of one kind from one worker apart
   * @param bytes how many come
   * @param receiver takes them as they come
   */
  record Incoming(Kind kind, int from, int index, long bytes, Receiver receiver) {}

  /** Takes what comes, on a thread of the transport; pieces begin and end anywhere. */
  @FunctionalInterface
  interface Receiver {
    void receive(long offset, MemorySegment piece);
  }

  /** Where the bytes are that are sent: fills pieces of them, which begin and end anywhere, on a thread of the transport. */
  @FunctionalInterface
  interface Source {
    void fill(long offset, MemorySegment piece);
  }

  /**
   * Connects every worker with every other.
   *
   * @param run is told apart from others by it
   * @param incoming all that is to come in a step
   */
  Exchange(BarrierTaskContext context, Rendezvous rendezvous, String run, List<Incoming> incoming)
      throws IOException, InterruptedException {
    this.context = context;
    this.token = run + "-" + context.stageAttemptNumber();
    this.self = context.partitionId();
    for (Incoming one : incoming) {
      inboxes.put(key(one.kind, one.from, one.index), new Inbox(one, this));
      expected[one.kind.ordinal()]++;
    }
    SparkEnv env = SparkEnv.get();
    SparkConf conf = env.conf();
    limit = TimeUnit.SECONDS.toNanos(conf.getTimeAsSeconds("spark.barrier.sync.timeout", "365d"));
    SecurityManager security = env.securityManager();
    TransportConf settings = SparkTransportConf.fromSparkConf(conf, MODULE, conf.getInt("spark.executor.cores", 1), Option.empty(),
        Option.apply(security.getRpcSSLOptions()));
    boolean secret = security.isAuthenticationEnabled();
    List<TransportServerBootstrap> asks = secret ? List.of(new AuthServerBootstrap(settings, security)) : List.of();
    List<TransportClientBootstrap> answers = secret ? List.of(new AuthClientBootstrap(settings, conf.getAppId(), security)) : List.of();
    transport = new TransportContext(settings, new Handler());
    factory = transport.createClientFactory(answers);
    String host = env.blockManager().blockManagerId().host();
    server = transport.createServer(host, 0, asks);
    clients = new TransportClient[context.numPartitions()];
    try {
      connect(rendezvous.gather(server.getPort() + " " + host));
    } catch (Throwable failure) {
      close();
      throw failure;
    }
  }

  private void connect(String[] addresses) throws IOException, InterruptedException {
    for (int i = 0; i < clients.length; i++) {
      if (i != self) {
        String[] words = addresses[i].split(" ", 2);
        clients[i] = factory.createClient(words[1], Integer.parseInt(words[0]));
      }
    }
  }

  private static String key(Kind kind, int from, int index) {
    return kind + " " + from + " " + index;
  }

  /**
   * Sends to another worker, and returns at once. The bytes must stay until the other one's answer to them has come, by which is meant
   * the next kind.
   *
   * @param bytes how many there are; where there are none, the message itself is what the other one waits for
   */
  void send(Kind kind, int to, int index, long bytes, Source source) {
    ByteBuffer header = StandardCharsets.UTF_8.encode(token + " " + rounds[kind.ordinal()] + " " + key(kind, self, index));
    clients[to].uploadStream(new NioManagedBuffer(header), new Outgoing(bytes, source), new RpcResponseCallback() {
      @Override
      public void onSuccess(ByteBuffer nothing) {}

      @Override
      public void onFailure(Throwable failure) {
        broken(failure);
      }
    });
  }

  /**
   * Waits until all of a kind is there.
   *
   * @param laps count as waiting what passed until the last one began to send, and as exchange what passed then
   */
  void await(Kind kind, Laps laps) throws InterruptedException {
    int number = kind.ordinal();
    long start = System.nanoTime();
    synchronized (this) {
      while (arrived[number] < expected[number]) {
        long now = System.nanoTime();
        if (wrong != null) {
          throw new TrainingException("what another worker sent could not be taken: " + wrong.getMessage(), wrong);
        }
        if (broken != null && now - start > GRACE) {
          throw new TrainingException("a connection to another worker broke: " + broken.getMessage(), broken);
        }
        if (now - start > limit) {
          throw new TrainingException("no " + kind + " within spark.barrier.sync.timeout, " + TimeUnit.NANOSECONDS.toSeconds(limit)
              + " s, from workers " + missing(kind));
        }
        wait(LOOK);
        context.killTaskIfInterrupted();
      }
      if (expected[number] > 0) {
        laps.end(Laps.Part.WAIT, latest[number]);
      }
      arrived[number] = 0;
    }
    rounds[number]++;
    laps.end(Laps.Part.EXCHANGE);
  }

  private List<Integer> missing(Kind kind) {
    return inboxes.values().stream().filter(inbox -> inbox.incoming().kind == kind && inbox.taken() <= rounds[kind.ordinal()])
        .map(inbox -> inbox.incoming().from).distinct().sorted().toList();
  }

  private synchronized void broken(Throwable failure) {
    broken = broken == null ? failure : broken;
  }

  /** What came is not what should have come. */
  synchronized void wrong(Throwable failure) {
    wrong = wrong == null ? failure : wrong;
    notifyAll();
  }

  private synchronized void begun(Kind kind) {
    latest[kind.ordinal()] = System.nanoTime();
  }

  /** All of a message is there. */
  synchronized void arrived(Kind kind) {
    if (++arrived[kind.ordinal()] == expected[kind.ordinal()]) {
      notifyAll();
    }
  }

  /** Takes what other workers send. */
  private final class Handler extends RpcHandler {
    private final StreamManager none = new OneForOneStreamManager();

    @Override
    public StreamCallbackWithID receiveStream(TransportClient client, ByteBuffer header, RpcResponseCallback callback) {
      String text = StandardCharsets.UTF_8.decode(header).toString();
      String[] words = text.split(" ", 3);
      Inbox inbox = words.length == 3 && words[0].equals(token) ? inboxes.get(words[2]) : null;
      if (inbox == null || Long.parseLong(words[1]) != inbox.taken()) {
        throw new TrainingException("'" + text + "' is not expected here, in " + token); // of an earlier attempt, which is ending
      }
      begun(inbox.incoming().kind);
      return inbox;
    }

    @Override
    public void receive(TransportClient client, ByteBuffer message, RpcResponseCallback callback) {
      callback.onFailure(new TrainingException("workers send streams, and no other messages"));
    }

    @Override
    public StreamManager getStreamManager() {
      return none;
    }
  }

  @Override
  public void close() {
    factory.close();
    server.close();
    transport.close();
  }
}
