package io.nlar.bench.contest;

import io.nlar.Buffer;
import io.nlar.Parameter;
import io.nlar.ParameterGroup;
import io.nlar.Step;
import io.nlar.StepConfig;
import io.nlar.bench.harness.Contestant;
import io.nlar.bench.harness.VerificationException;
import io.nlar.testkit.HostValues;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A backward pass that writes the gradients tensor by tensor, from the last layer to the first, and then the step. The tensors
 * are cut like those of a network of seven layers, 784-1000-1000-1000-1000-1000-1000-10, weights and biases.
 *
 * @param early whether each tensor's sum of squares is taken as soon as its gradient is written
 */
public record BackwardAndStep(boolean early) implements Entrant {
  private static final int[] WIDTHS = {784, 1000, 1000, 1000, 1000, 1000, 1000, 10};
  /** Parameters of the network. */
  public static final long NETWORK_SIZE = Arrays.stream(lengths()).sum();

  private static final StepConfig CONFIG = StepConfig.nlarcm();

  @Override
  public String name() {
    return early ? "backward pass, each sum at once" : "backward pass, sums in the step";
  }

  @Override
  public Kind kind() {
    return Kind.PART;
  }

  /** What the step moves, and the gradients that are written. */
  @Override
  public double trafficBytes(Workload workload) {
    return workload.type().bytes() + NlarStep.trafficBytes(CONFIG, workload.type());
  }

  @Override
  public long memoryBytes(Workload workload) {
    return CONFIG.stateBytes(workload.type(), workload.size());
  }

  private static long[] lengths() {
    long[] lengths = new long[2 * (WIDTHS.length - 1)];
    for (int layer = 0; layer + 1 < WIDTHS.length; layer++) {
      lengths[2 * layer] = (long) WIDTHS[layer] * WIDTHS[layer + 1];
      lengths[2 * layer + 1] = WIDTHS[layer + 1];
    }
    return lengths;
  }

  /** A piece of a gradient, and what is written there. */
  private record Piece(Buffer target, MemorySegment source) {}

  /** The network's parameters with their pieces, in the same proportions where there are more or fewer elements. */
  private static final class Network {
    private final List<Parameter> parameters = new ArrayList<>();
    private final List<List<Piece>> pieces = new ArrayList<>();

    Network(Tensors tensors) {
      double[] pattern = tensors.gradientPattern();
      MemorySegment period = HostValues.segment(tensors.workload().type(), pattern);
      int bytes = tensors.workload().type().bytes();
      long size = tensors.workload().size();
      long before = 0;
      long start = 0;
      for (long length : lengths()) {
        before += length;
        long end = Math.multiplyExact(size, before) / NETWORK_SIZE;
        Buffer gradient = tensors.gradients().slice(start, end - start);
        parameters.add(new Parameter("tensor" + parameters.size(), tensors.values().slice(start, end - start), gradient));
        List<Piece> own = new ArrayList<>();
        for (long at = start; at < end; ) {
          long phase = at % pattern.length;
          long count = Math.min(end - at, pattern.length - phase);
          own.add(new Piece(gradient.slice(at - start, count), period.asSlice(phase * bytes, count * bytes)));
          at += count;
        }
        pieces.add(own);
        start = end;
      }
    }

    void write(int tensor) {
      for (Piece piece : pieces.get(tensor)) {
        piece.target.copyFrom(piece.source);
      }
    }
  }

  @Override
  public Contestant open(Tensors tensors) {
    Network network = new Network(tensors);
    Step step = tensors.device().compile(List.of(new ParameterGroup(CONFIG, network.parameters)));
    return new Contestant() {
      @Override
      public void verify() {
        backward();
        step.reduce();
        double[] sums = StepVerification.sums(tensors, step);
        step.reduce();
        if (!Arrays.equals(sums, HostValues.read(step.sumsOfSquares()))) {
          throw new VerificationException("sums of squares that are taken one by one have other bits than those taken together");
        }
        new StepVerification(tensors, step, CONFIG).run();
      }

      private void backward() {
        for (int tensor = network.pieces.size() - 1; tensor >= 0; tensor--) {
          network.write(tensor);
          if (early) {
            step.reduce(tensor);
          }
        }
      }

      @Override
      public void run(long times) {
        long ticket = 0;
        for (long i = 0; i < times; i++) {
          backward();
          ticket = step.run(1, 1);
        }
        step.await(ticket);
      }

      @Override
      public void close() {
        step.close();
      }
    };
  }
}
