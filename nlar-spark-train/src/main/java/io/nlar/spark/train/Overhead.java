package io.nlar.spark.train;

import io.nlar.StepConfig;
import io.nlar.spark.SparkTraining;
import io.nlar.spark.StepTimes;
import io.nlar.spark.TrainingResult;
import io.nlar.spark.WorkerReport;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.ToDoubleFunction;
import org.apache.spark.api.java.JavaSparkContext;

/** What a step costs beside computing gradients: a model without any, against the time in which its bytes go through bare sockets. */
final class Overhead {
  private static final int WARM = 400;
  private static final int ROUNDS = 21;
  private static final int STEPS = 20;
  private static final double MILLI = 1e3;
  private static final double MEGA = 1e-6;
  /** Elements of a worker that has one block: its messages are as small as they can be. */
  private static final int SMALLEST = 1024;
  /** Micro-batches of which each of two workers has sums of 64, 32, 16, 8, 4, 2 and 1: so many messages more than of 2. */
  private static final int SCATTERED = 2 * 127;
  private static final int MORE = 6;

  private Overhead() {}

  /** What one round took: seconds a step. */
  private record Round(double bare, StepTimes step, double smallest, double scattered) {
    double whole() {
      return step.overhead() / STEPS;
    }
  }

  /** Measures, in turn, the exchange of a step through sockets, steps of so many workers, and steps with next to nothing in them. */
  static void measure(PrintWriter out, JavaSparkContext context, int parameters, int workers) throws Exception {
    train(context, parameters, workers, workers, WARM);
    boolean scatter = workers == 2;
    List<Round> rounds = new ArrayList<>();
    TrainingResult result = null;
    for (int i = 0; i < ROUNDS; i++) {
      double bare = sockets(parameters, workers);
      result = train(context, parameters, workers, workers, STEPS);
      rounds.add(new Round(bare, result.workers().getFirst().times(), exchange(context, workers, workers),
          scatter ? exchange(context, workers, SCATTERED) : 0));
    }
    out.printf(Locale.ROOT, "%d parameters, %d workers; each %d times %d steps, in turn%n", parameters, workers, ROUNDS, STEPS);
    line(out, "median", median(rounds, Round::bare).bare, median(rounds, Round::whole));
    line(out, "fastest", least(rounds, Round::bare).bare, least(rounds, Round::whole));
    out.printf(Locale.ROOT, "  exchanges of a step with the smallest messages: median %.2f ms, fastest %.2f ms%n",
        median(rounds, Round::smallest).smallest * MILLI, least(rounds, Round::smallest).smallest * MILLI);
    if (scatter) {
      out.printf(Locale.ROOT, "  one message more from each to the other: median %.3f ms, fastest %.3f ms%n",
          (median(rounds, Round::scattered).scattered - median(rounds, Round::smallest).smallest) / MORE * MILLI,
          (least(rounds, Round::scattered).scattered - least(rounds, Round::smallest).smallest) / MORE * MILLI);
    }
    for (WorkerReport worker : result.workers()) {
      out.printf(Locale.ROOT, "  worker %d: state %.2f MB; its process: heap at most %.0f MB, native memory %.0f MB, resident at most"
          + " %.0f MB%n", worker.worker(), worker.stateBytes() * MEGA, worker.peakHeap() * MEGA, worker.nativeBytes() * MEGA,
          worker.peakResident() * MEGA);
    }
  }

  private static void line(PrintWriter out, String which, double bare, Round round) {
    double each = MILLI / STEPS;
    StepTimes times = round.step;
    out.printf(Locale.ROOT, "  %s: a step without gradients %.2f ms (average %.2f, exchange %.2f, waiting %.2f, step %.2f)", which,
        round.whole() * MILLI, times.average() * each, times.exchange() * each, times.waiting() * each, times.step() * each);
    if (bare > 0) {
      out.printf(Locale.ROOT, "; its bytes through bare sockets %.2f ms: %.1f times", bare * MILLI, round.whole() / bare);
    }
    out.println();
  }

  private static Round median(List<Round> rounds, ToDoubleFunction<Round> what) {
    return rounds.stream().sorted(Comparator.comparingDouble(what)).toList().get(ROUNDS / 2);
  }

  private static Round least(List<Round> rounds, ToDoubleFunction<Round> what) {
    return rounds.stream().min(Comparator.comparingDouble(what)).orElseThrow();
  }

  /** Seconds of a step in which the smallest messages go to and fro. */
  private static double exchange(JavaSparkContext context, int workers, int microBatches) {
    StepTimes times = train(context, SMALLEST * workers, workers, microBatches, STEPS).workers().getFirst().times();
    return (times.waiting() + times.exchange()) / STEPS;
  }

  private static TrainingResult train(JavaSparkContext context, int parameters, int workers, int microBatches, int steps) {
    return SparkTraining.ofFunction(context, (step, microBatch, values, gradients) -> {
      gradients.get("w")[0] = 1;
      return 0;
    }).add(StepConfig.nlarcm(), Map.of("w", new float[parameters])).workers(workers).microBatches(microBatches).steps(steps).run();
  }

  /** One direction between two workers; its memory is there before the time runs. */
  private record Pair(Socket sender, Socket receiver, byte[] sent, byte[] received) {
    Void send() throws IOException {
      sender.getOutputStream().write(sent);
      return null;
    }

    Void receive() throws IOException {
      new DataInputStream(receiver.getInputStream()).readFully(received);
      return null;
    }
  }

  /**
   * Seconds in which every worker sends to every other its part of the gradients, then its part of the values, by threads here; 0 where
   * there is no other.
   */
  private static double sockets(int parameters, int workers) throws Exception {
    if (workers == 1) {
      return 0;
    }
    int bytes = parameters / workers * Float.BYTES;
    List<Pair> pairs = new ArrayList<>();
    try (ServerSocket server = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
        ExecutorService threads = Executors.newCachedThreadPool()) {
      List<Callable<Void>> phase = new ArrayList<>();
      for (int i = 0; i < workers * (workers - 1); i++) {
        Pair pair = new Pair(new Socket(server.getInetAddress(), server.getLocalPort()), server.accept(), new byte[bytes],
            new byte[bytes]);
        pairs.add(pair);
        phase.add(pair::send);
        phase.add(pair::receive);
      }
      transfer(threads, phase); // the first time takes connections' and threads' beginning
      long begin = System.nanoTime();
      for (int step = 0; step < STEPS; step++) {
        transfer(threads, phase);
        transfer(threads, phase);
      }
      return (System.nanoTime() - begin) * 1e-9 / STEPS;
    } finally {
      for (Pair pair : pairs) {
        pair.sender.close();
        pair.receiver.close();
      }
    }
  }

  private static void transfer(ExecutorService threads, List<Callable<Void>> phase) throws Exception {
    for (Future<Void> done : threads.invokeAll(phase)) {
      done.get();
    }
  }
}
