package io.nlar.cpu;

import io.nlar.spi.MemoryFault;
import java.util.concurrent.atomic.AtomicInteger;

/** One pass over a chunk table by all threads of a team; each takes the next claim when it has finished one. */
abstract class Pass implements Team.Work {
  private final CpuDevice device;
  private final AtomicInteger taken = new AtomicInteger();
  private ChunkTable table;

  Pass(CpuDevice device) {
    this.device = device;
  }

  /** Runs over all chunks of {@code table}. */
  final void over(ChunkTable table) {
    this.table = table;
    taken.setPlain(0);
    if (table.elements() <= device.cut().alone() || table.claims() == 1) {
      run(0);
    } else {
      device.team().run(this);
    }
  }

  @Override
  public final void run(int member) {
    ChunkTable chunks = table;
    Scratch scratch = device.scratch(member);
    int claims = chunks.claims();
    for (int claim = taken.getAndIncrement(); claim < claims; claim = taken.getAndIncrement()) {
      claim(chunks, claim, scratch);
    }
    if (chunks.mapped()) {
      MemoryFault.report(); // while it is still this pass that fails
    }
  }

  /** Does the chunks of one claim. */
  abstract void claim(ChunkTable chunks, int claim, Scratch scratch);
}
