package io.nlar.spark.train;

import io.nlar.StepConfig;
import io.nlar.spark.SparkTraining;
import io.nlar.spark.StepTimes;
import io.nlar.spark.TrainingResult;
import io.nlar.spark.WorkerReport;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;

/** What a step costs beside computing gradients: a model without any, against the time in which its bytes go through bare sockets. */
final class Overhead {
  private static final int WARM = 60;
  private static final int ROUNDS = 7;
  private static final int STEPS = 40;

  private Overhead() {}

  /** Measures, in turn, the exchange of a step through sockets and steps of so many workers. */
  static void measure(PrintWriter out, JavaSparkContext context, int parameters, int workers) throws Exception {
    train(context, parameters, workers, WARM);
    double[] bare = new double[ROUNDS];
    double[] whole = new double[ROUNDS];
    StepTimes[] parts = new StepTimes[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
      bare[i] = sockets(parameters, workers);
      TrainingResult result = train(context, parameters, workers, STEPS);
      WorkerReport first = result.workers().getFirst();
      parts[i] = first.times();
      whole[i] = parts[i].overhead() / STEPS;
    }
    Arrays.sort(bare);
    double loopback = bare[ROUNDS / 2];
    Integer[] order = new Integer[ROUNDS];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, (a, b) -> Double.compare(whole[a], whole[b]));
    StepTimes median = parts[order[ROUNDS / 2]];
    double milli = 1e3 / STEPS;
    out.printf(Locale.ROOT, "%d parameters, %d workers, medians of %d: its bytes through bare sockets %.2f ms; a step without gradients"
        + " %.2f ms = %.1f times (average %.2f, exchange %.2f, waiting %.2f, step %.2f)%n", parameters, workers, ROUNDS, loopback * 1e3,
        median.overhead() * milli, median.overhead() / STEPS / loopback, median.average() * milli, median.exchange() * milli,
        median.waiting() * milli, median.step() * milli);
  }

  private static TrainingResult train(JavaSparkContext context, int parameters, int workers, int steps) {
    return SparkTraining.ofFunction(context, (step, microBatch, values, gradients) -> {
      gradients.get("w")[0] = 1;
      return 0;
    }).add(StepConfig.nlarcm(), Map.of("w", new float[parameters])).workers(workers).microBatches(workers).steps(steps).run();
  }

  /** Seconds in which every worker sends to every other its part of the gradients, then its part of the values, by threads here. */
  private static double sockets(int parameters, int workers) throws Exception {
    int bytes = parameters / workers * Float.BYTES;
    List<Socket> sockets = new ArrayList<>();
    try (ServerSocket server = new ServerSocket(0, 0, InetAddress.getLoopbackAddress())) {
      List<Socket[]> pairs = new ArrayList<>();
      for (int i = 0; i < workers * (workers - 1); i++) {
        Socket sender = new Socket(server.getInetAddress(), server.getLocalPort());
        Socket receiver = server.accept();
        sockets.addAll(List.of(sender, receiver));
        pairs.add(new Socket[] {sender, receiver});
      }
      double[] seconds = new double[STEPS];
      for (int round = 0; round < STEPS; round++) {
        long begin = System.nanoTime();
        for (int phase = 0; phase < 2; phase++) {
          List<Thread> threads = new ArrayList<>();
          for (Socket[] pair : pairs) {
            threads.add(Thread.ofPlatform().start(() -> send(pair[0], bytes)));
            threads.add(Thread.ofPlatform().start(() -> receive(pair[1], bytes)));
          }
          for (Thread thread : threads) {
            thread.join();
          }
        }
        seconds[round] = (System.nanoTime() - begin) * 1e-9;
      }
      Arrays.sort(seconds);
      return seconds[STEPS / 2];
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }

  private static void send(Socket socket, int bytes) {
    try {
      OutputStream out = socket.getOutputStream();
      out.write(new byte[bytes]);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static void receive(Socket socket, int bytes) {
    try {
      new DataInputStream(socket.getInputStream()).readFully(new byte[bytes]);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
