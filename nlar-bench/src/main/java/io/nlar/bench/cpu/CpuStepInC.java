package io.nlar.bench.cpu;

import io.nlar.Buffer;
import io.nlar.DType;
import io.nlar.Slot;
import io.nlar.Step;
import io.nlar.bench.contest.Entrant;
import io.nlar.bench.contest.Kind;
import io.nlar.bench.contest.NlarStep;
import io.nlar.bench.contest.PassesEntrant;
import io.nlar.bench.contest.PeriodReference;
import io.nlar.bench.contest.Tensors;
import io.nlar.bench.contest.Workload;
import io.nlar.bench.harness.Contestant;
import io.nlar.bench.harness.VerificationException;
import io.nlar.spi.GroupPlan;
import io.nlar.spi.RulePlan;
import io.nlar.spi.SlotPlan;
import io.nlar.testkit.HostValues;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The same step in C: what is left to the Java kernels where both are on the same memory. Its threads, pieces and pages are
 * the step's, its scalars the library's, its bits the reference's.
 */
public record CpuStepInC() implements Entrant {
  /** The name in tables. */
  public static final String NAME = "Nlarcm in C";

  private static final NlarStep STEP = PassesEntrant.STEP;
  private static final int STEPS = 3;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Kind kind() {
    return Kind.PART;
  }

  @Override
  public Optional<String> unavailable(Workload workload) {
    return CompiledStep.source(workload.type()).problem();
  }

  @Override
  public double trafficBytes(Workload workload) {
    return STEP.trafficBytes(workload);
  }

  @Override
  public long memoryBytes(Workload workload) {
    return STEP.memoryBytes(workload);
  }

  /** Its sums are compared with that step's. */
  @Override
  public boolean sharesStep() {
    return true;
  }

  @Override
  public Contestant open(Tensors tensors) {
    return new StepInC(tensors, new CompiledStep(tensors.workload().type()));
  }

  private static final class StepInC implements Contestant {
    private final Tensors tensors;
    private final CompiledStep code;
    private final GroupPlan plan;
    private final DType type;
    private final long size;
    private final List<Buffer> state = new ArrayList<>();
    private final Arena arena = Arena.ofShared();
    private final MemorySegment sums;
    private final MemorySegment scalars;
    private final double[] numbers;
    private final Workers workers;
    private long t;

    StepInC(Tensors tensors, CompiledStep code) {
      this.tensors = tensors;
      this.code = code;
      this.type = tensors.workload().type();
      this.size = tensors.workload().size();
      this.plan = new GroupPlan(STEP.config(), type, type, size);
      this.numbers = new double[RulePlan.MOST_NUMBERS];
      this.sums = arena.allocate(ValueLayout.JAVA_DOUBLE, Math.ceilDiv(size, CompiledStep.BLOCK));
      this.scalars = arena.allocate((long) CompiledStep.SCALARS * type.bytes(), Double.BYTES);
      this.workers = new Workers(tensors.workload().threads());
      for (SlotPlan slot : plan.slots()) {
        state.add(tensors.device().allocate(type, size));
      }
      begin();
    }

    private void begin() {
      t = 0;
      for (int i = 0; i < state.size(); i++) {
        Tensors.repeat(state.get(i), new double[] {plan.slots().get(i).start()});
      }
    }

    /** Pieces are whole blocks. */
    private double sumOfSquares() {
      long g = CpuPasses.address(tensors.gradients());
      workers.run(size, (from, count) -> {
        code.squareSums(g + from * type.bytes(), count, sums.address() + from / CompiledStep.BLOCK * Double.BYTES);
        return 0;
      });
      for (long blocks = Math.ceilDiv(size, CompiledStep.BLOCK); blocks > 1;
          blocks = Math.ceilDiv(blocks, CompiledStep.BLOCK)) {
        code.sumsOfSums(sums.address(), blocks);
      }
      return sums.get(ValueLayout.JAVA_DOUBLE, 0);
    }

    private void step() {
      double sum = sumOfSquares();
      plan.rule().scalars(++t, 1, numbers);
      // λ is the start of the rates, and no scalar of the update: c is in its place.
      numbers[0] = plan.coefficient(sum, 1, 1);
      for (int i = 0; i < CompiledStep.SCALARS; i++) {
        switch (type) {
          case FLOAT32 -> scalars.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) numbers[i]);
          case FLOAT64 -> scalars.setAtIndex(ValueLayout.JAVA_DOUBLE, i, numbers[i]);
          case BFLOAT16, FLOAT16, UINT16 -> throw new AssertionError(type);
        }
      }
      long g = CpuPasses.address(tensors.gradients());
      long theta = CpuPasses.address(tensors.values());
      long v = CpuPasses.address(state.get(0));
      long rate = CpuPasses.address(state.get(1));
      long weight = CpuPasses.address(state.get(2));
      workers.runBackward(size, (from, count) -> {
        long at = from * type.bytes();
        code.update(g + at, theta + at, v + at, rate + at, weight + at, count, scalars.address());
        return 0;
      });
    }

    /** The sum against the library's, everything else against the reference: bit by bit, at the full size. */
    @Override
    public void verify() {
      tensors.resetValues();
      begin();
      Step library = tensors.sharedStep();
      library.reduce();
      double[] expected = HostValues.read(library.sumsOfSquares());
      PeriodReference reference = new PeriodReference(tensors, STEP.config());
      for (int i = 0; i < STEPS; i++) {
        step();
        double sum = sums.get(ValueLayout.JAVA_DOUBLE, 0);
        if (sum != expected[0]) {
          throw new VerificationException("the sum of squares of " + NAME + " is " + sum + ", the library's " + expected[0]);
        }
        reference.apply(sum, sum);
      }
      compare("value", tensors.values(), reference.values());
      for (int i = 0; i < state.size(); i++) {
        Slot slot = plan.slots().get(i).slot();
        compare(slot.label(), state.get(i), reference.state(slot));
      }
    }

    private static void compare(String what, Buffer actual, double[] expected) {
      long at = Tensors.mismatch(actual, expected, actual.length());
      if (at >= 0) {
        throw new VerificationException("element " + at + " of the " + what + " of " + NAME
            + " differs from the scalar reference, which has " + expected[(int) (at % expected.length)]);
      }
    }

    @Override
    public void run(long times) {
      for (long i = 0; i < times; i++) {
        step();
      }
    }

    @Override
    public void close() {
      workers.close();
      state.forEach(Buffer::close);
      arena.close();
    }
  }
}
