package io.nlar.cuda.interpreter;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * 32 threads, each with a program counter of its own. Those that stand at the same instruction execute it together; of
 * several groups the one furthest behind goes first, so that they meet again, or one by chance.
 */
final class Warp {
  private static final int LANES = Instruction.LANES;
  /** What registers and local memory hold at the start. */
  private static final long GARBAGE = 0x5BAD_C0DE_5BAD_C0DEL;

  final ThreadBlock block;
  final int number;
  final long[] registers;
  private final Kernel kernel;
  private final int[] counters = new int[LANES];
  private final byte[][] local = new byte[LANES][];
  private int present;
  private int ended;
  private int atBlockBarrier;
  private int atExchange;

  Warp(ThreadBlock block, int number) {
    this.block = block;
    this.number = number;
    kernel = block.launch.kernel;
    registers = new long[kernel.registers() * LANES];
    for (int i = 0; i < kernel.registers(); i++) {
      Arrays.fill(registers, i * LANES, (i + 1) * LANES, Types.low(GARBAGE, kernel.width(i)));
    }
    kernel.constants().forEach((bits, register) ->
        Arrays.fill(registers, register * LANES, (register + 1) * LANES, bits));
  }

  /** Puts threads at the kernel's beginning; registers keep what they held. */
  void start(int threads) {
    present = threads >= LANES ? -1 : (1 << threads) - 1;
    ended = 0;
    atBlockBarrier = 0;
    atExchange = 0;
    Arrays.fill(counters, 0);
    kernel.specials().forEach((name, register) -> {
      int first = special(name);
      int step = name.equals("%tid.x") || name.equals("%laneid") ? 1 : 0;
      for (int lane = 0; lane < LANES; lane++) {
        registers[register * LANES + lane] = first + lane * step;
      }
    });
  }

  /** What a special register holds in lane 0. */
  private int special(String name) {
    return switch (name) {
      case "%tid.x" -> number * LANES;
      case "%ctaid.x" -> block.index();
      case "%ntid.x" -> block.launch.threads;
      case "%nctaid.x" -> block.launch.blocks;
      case "%warpid" -> number;
      default -> Kernel.ONES.contains(name) ? 1 : 0;
    };
  }

  /** A thread's number in the launch. */
  int thread(int lane) {
    return block.index() * block.launch.threads + number * LANES + lane;
  }

  String name(int lane) {
    return "thread " + (number * LANES + lane) + " of thread block " + block.index() + " of " + kernel.name();
  }

  /** A thread's own memory. */
  byte[] local(int lane) {
    if (local[lane] == null) {
      local[lane] = new byte[kernel.localBytes()];
      Arrays.fill(local[lane], (byte) GARBAGE);
    }
    return local[lane];
  }

  boolean done() {
    return ended == present;
  }

  private int runnable() {
    return present & ~(ended | atBlockBarrier | atExchange);
  }

  boolean canRun() {
    return runnable() != 0;
  }

  /** Executes instructions until nothing can run or {@code most} are done; returns how many were. */
  int run(int most, RandomGenerator choice) {
    int left = most;
    for (int runnable = runnable(); runnable != 0 && left > 0; runnable = runnable()) {
      int at = choice == null ? furthestBehind(runnable) : counters[chosen(runnable, choice)];
      int lanes = 0;
      int next = Integer.MAX_VALUE;
      for (int rest = runnable; rest != 0; rest &= rest - 1) {
        int lane = Integer.numberOfTrailingZeros(rest);
        if (counters[lane] == at) {
          lanes |= 1 << lane;
        } else if (counters[lane] > at) {
          next = Math.min(next, counters[lane]);
        }
      }
      left = advance(lanes, at, next, left);
    }
    return most - left;
  }

  private int furthestBehind(int runnable) {
    int at = Integer.MAX_VALUE;
    for (int rest = runnable; rest != 0; rest &= rest - 1) {
      at = Math.min(at, counters[Integer.numberOfTrailingZeros(rest)]);
    }
    return at;
  }

  private static int chosen(int lanes, RandomGenerator choice) {
    int skipped = choice.nextInt(Integer.bitCount(lanes));
    int rest = lanes;
    for (int i = 0; i < skipped; i++) {
      rest &= rest - 1;
    }
    return Integer.numberOfTrailingZeros(rest);
  }

  /** Executes a group of lanes until it parts, waits, ends or meets others; returns how many instructions are left. */
  private int advance(int lanes, int from, int next, int most) {
    Instruction[] code = kernel.code();
    long[] executed = block.launch.executed;
    int at = from;
    int left = most;
    while (left > 0) {
      Instruction instruction = code[at];
      int active = instruction.guarded(this, lanes);
      executed[at] += Integer.bitCount(lanes);
      left--;
      if (!instruction.control) {
        if (active != 0) {
          instruction.execute(this, active);
        }
        at++;
        if (at >= next) {
          break;
        }
        continue;
      }
      switch (instruction) {
        case Branch branch -> {
          if (active == lanes) {
            at = branch.target;
          } else {
            at++;
            if (active != 0) {
              if (branch.uniform) {
                throw branch.failure(this, Integer.numberOfTrailingZeros(active), "leaves its warp at a uniform branch");
              }
              place(active, branch.target);
              place(lanes & ~active, at);
              return left;
            }
          }
        }
        case Exit exit -> {
          ended |= active;
          place(lanes & ~active, at + 1);
          return left;
        }
        case BlockBarrier barrier -> {
          place(active, at);
          place(lanes & ~active, at + 1);
          atBlockBarrier |= active;
          block.arrived(barrier);
          return left;
        }
        case WarpExchange exchange -> {
          place(active, at);
          place(lanes & ~active, at + 1);
          atExchange |= active;
          meet(exchange, active);
          return left;
        }
        default -> throw new IllegalStateException(instruction + " is no control instruction");
      }
      if (at >= next) {
        break;
      }
    }
    place(lanes, at);
    return left;
  }

  /** Sets a register, given as its place, of some lanes. */
  void set(int register, int lanes, long bits) {
    if (lanes == -1) {
      Arrays.fill(registers, register, register + LANES, bits);
      return;
    }
    for (int rest = lanes; rest != 0; rest &= rest - 1) {
      registers[register + Integer.numberOfTrailingZeros(rest)] = bits;
    }
  }

  private void place(int lanes, int at) {
    if (lanes == -1) {
      Arrays.fill(counters, at);
      return;
    }
    for (int rest = lanes; rest != 0; rest &= rest - 1) {
      counters[Integer.numberOfTrailingZeros(rest)] = at;
    }
  }

  /** Lets lanes go on from an exchange once all of its members are there. */
  private void meet(WarpExchange exchange, int arrived) {
    if (arrived == 0) {
      return;
    }
    int first = Integer.numberOfTrailingZeros(arrived);
    int members = (int) registers[exchange.members + first];
    for (int rest = arrived; rest != 0; rest &= rest - 1) {
      int lane = Integer.numberOfTrailingZeros(rest);
      if ((int) registers[exchange.members + lane] != members || (members >>> lane & 1) == 0) {
        throw exchange.failure(this, lane, "waits for other threads than the rest of its warp, or not for itself");
      }
    }
    if ((members & ~present) != 0 || (members & ended) != 0) {
      throw exchange.failure(this, first, "waits for threads that have ended or never were");
    }
    for (int rest = members; rest != 0; rest &= rest - 1) {
      int lane = Integer.numberOfTrailingZeros(rest);
      if ((atExchange >>> lane & 1) == 0 || counters[lane] != exchange.index) {
        return;
      }
      if ((int) registers[exchange.members + lane] != members) {
        throw exchange.failure(this, lane, "waits for other threads than the rest of its warp");
      }
    }
    exchange.exchange(this, members);
    RaceDetector detector = block.launch.detector;
    if (detector != null && exchange.orders) {
      detector.barrier(threads(members));
    }
    atExchange &= ~members;
    place(members, exchange.index + 1);
  }

  private int[] threads(int lanes) {
    int[] threads = new int[Integer.bitCount(lanes)];
    int i = 0;
    for (int rest = lanes; rest != 0; rest &= rest - 1) {
      threads[i++] = thread(Integer.numberOfTrailingZeros(rest));
    }
    return threads;
  }

  /** Whether all threads of the warp wait at a barrier of the thread block; refuses those that wait apart. */
  boolean allAt(BlockBarrier barrier) {
    if (atBlockBarrier != present) {
      return false;
    }
    for (int rest = present; rest != 0; rest &= rest - 1) {
      int lane = Integer.numberOfTrailingZeros(rest);
      BlockBarrier other = (BlockBarrier) kernel.code()[counters[lane]];
      if (other.barrier != barrier.barrier) {
        return false;
      }
      if (barrier.aligned && counters[lane] != counters[Integer.numberOfTrailingZeros(present)]) {
        throw other.failure(this, lane, "waits apart from its warp at an aligned barrier");
      }
    }
    return true;
  }

  /** All threads wait at a barrier of the thread block that is complete: they go on. */
  void release() {
    for (int rest = atBlockBarrier; rest != 0; rest &= rest - 1) {
      counters[Integer.numberOfTrailingZeros(rest)]++;
    }
    atBlockBarrier = 0;
  }

  /** Where a thread that cannot go on stands; null where there is none. */
  String waiting() {
    int waiting = atBlockBarrier | atExchange;
    if (waiting == 0) {
      return null;
    }
    int lane = Integer.numberOfTrailingZeros(waiting);
    return name(lane) + " waits in vain: " + kernel.code()[counters[lane]];
  }
}
