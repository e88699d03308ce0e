package io.nlar.spark;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.apache.spark.network.client.StreamCallbackWithID;

/** Where the messages of one kind from one worker come in, one a step. Threads of the transport call it, one at a time. */
final class Inbox implements StreamCallbackWithID {
  private final Exchange.Incoming incoming;
  private final Exchange exchange;
  private long offset;
  private volatile long taken;

  Inbox(Exchange.Incoming incoming, Exchange exchange) {
    this.incoming = incoming;
    this.exchange = exchange;
  }

  Exchange.Incoming incoming() {
    return incoming;
  }

  /** How many messages have come. */
  long taken() {
    return taken;
  }

  @Override
  public String getID() {
    return incoming.kind() + " from worker " + incoming.from();
  }

  @Override
  public void onData(String id, ByteBuffer data) {
    try {
      if (data.remaining() > incoming.bytes() - offset) {
        throw new TrainingException("more than " + incoming.bytes() + " bytes of " + getID());
      }
      MemorySegment piece = MemorySegment.ofBuffer(data);
      incoming.receiver().receive(offset, piece);
      offset += piece.byteSize();
    } catch (Throwable failure) {
      exchange.wrong(failure);
      throw failure;
    }
  }

  @Override
  public void onComplete(String id) {
    if (offset != incoming.bytes()) {
      exchange.wrong(new TrainingException(offset + " bytes of " + getID() + "; expected " + incoming.bytes()));
      return;
    }
    offset = 0;
    taken++; // by the one thread of the connection
    exchange.arrived(incoming.kind());
  }

  /** The connection has broken: its worker has died, which is Spark's to notice. */
  @Override
  public void onFailure(String id, Throwable failure) {}
}
