package io.nlar.cuda;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.Device;
import io.nlar.NonFinite;
import io.nlar.cuda.interpreter.Kernel;
import io.nlar.cuda.interpreter.PtxModule;
import io.nlar.cuda.interpreter.Schedule.Order;
import io.nlar.cuda.interpreter.Schedule;
import io.nlar.testkit.GroupSpec;
import io.nlar.testkit.Layout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Function;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Hardly an instruction of the PTX could be another one without the interpreted runs seeing it. */
@Execution(ExecutionMode.CONCURRENT)
class PtxMutationTest {
  private static final int MUTANTS = 100;
  private static final int MOST_UNSEEN = 5;
  /** Little work, on which most changes are seen. */
  private static final int[] LITTLE = KernelPaths.lengths(18, 519, 1023);
  private static final int[] LENGTHS = KernelPaths.lengths(40, 4099, 519, 2, 1031);
  /** So many that a thread block takes a whole chunk, in several rounds. */
  private static final int[] MANY = KernelPaths.lengths(256, 4098, 9251, 2, 1031);

  /** So many that the total's last rows have one lane each: in the fourth row of eight, and in the seventh. */
  private static final int[] FOURTH_ROW = KernelPaths.lengths(93, 33, 64, 2, 1);
  private static final int[] SEVENTH_ROW = KernelPaths.lengths(189, 33, 64, 2, 1);

  private static final String SUM = "square_sum";

  /** A run: the thread blocks' order, whether there are norms, what a NaN does, layouts, and the tensors' lengths. */
  private record Run(Order order, boolean norms, NonFinite policy, Layout values, Layout gradients, int[] lengths) {
    boolean differs(Function<String, PtxModule> modules, KernelPaths.Kind kind, Seen seen) {
      try (Device device = new MutantDriver(modules, order, seen, (1 << 21) + 256L * Arrays.stream(lengths).sum()).open()) {
        List<GroupSpec> groups = KernelPaths.groups(kind, lengths, norms, policy);
        return KernelPaths.run(device, "", groups, values, gradients, 1).isPresent();
      } catch (RuntimeException | AssertionError failed) {
        return true;
      }
    }
  }

  private static final List<Run> RUNS = List.of(
      new Run(Order.ASCENDING, true, NonFinite.AUTO, Layout.ALLOCATED, Layout.ALLOCATED, LITTLE),
      new Run(Order.ASCENDING, true, NonFinite.AUTO, Layout.SLICED, Layout.SLICED, LENGTHS),
      new Run(Order.DESCENDING, true, NonFinite.FAIL, Layout.ALLOCATED, Layout.ALLOCATED, LENGTHS),
      new Run(Order.RANDOM, false, NonFinite.UNCHECKED, Layout.ALLOCATED, Layout.ALLOCATED, MANY),
      new Run(Order.ASCENDING, true, NonFinite.AUTO, Layout.ALLOCATED, Layout.ALLOCATED, new int[] {0, 0}),
      new Run(Order.ASCENDING, true, NonFinite.FAIL, Layout.SLICED, Layout.SLICED, KernelPaths.SEARCHED),
      new Run(Order.DESCENDING, true, NonFinite.AUTO, Layout.ALLOCATED, Layout.SLICED, FOURTH_ROW),
      new Run(Order.ASCENDING, true, NonFinite.AUTO, Layout.SLICED, Layout.ALLOCATED, SEVENTH_ROW));
  private static final Run RUN_OF_SUMS =
      new Run(Order.ASCENDING, true, NonFinite.AUTO, Layout.ALLOCATED, Layout.ALLOCATED, KernelPaths.ROWS);

  /** More than 1024 blocks: a tensor with two nodes below its own. Only what the other runs do not see is tried on it. */
  private static final Run RUN_OF_NODES =
      new Run(Order.ASCENDING, true, NonFinite.AUTO, Layout.ALLOCATED, Layout.ALLOCATED, new int[] {(1 << 20) + 1500});

  /** A kernel, and the variant whose runs execute it. */
  private record Subject(String module, Kernel kernel, KernelPaths.Kind kind) {}

  /** A change, and what it is seen on. */
  private record Trial(Subject subject, PtxMutant mutant) {}

  /** What runs show: how often each instruction was executed, and how often memory was accessed in which way. */
  private static final class Seen {
    final Map<Kernel, long[]> executed = new HashMap<>();
    final Map<String, Long> accesses = new TreeMap<>();
    private final Map<Kernel, boolean[]> live = new HashMap<>();

    boolean[] live(Kernel kernel) {
      return live.computeIfAbsent(kernel, k -> PtxMutant.live(k, executed.get(k)));
    }

    void add(Kernel kernel, long[] counts) {
      for (int i = 0; i < counts.length; i++) {
        String name = kernel.instructions().get(i).split(" ")[0];
        if (name.matches("(ld|st)\\.global.*")) {
          accesses.merge(name, counts[i], Long::sum);
        }
      }
      PtxDriver.addExecuted(executed, kernel, counts);
    }
  }

  /** Counts what is executed, and gives up what does not end. */
  private static final class MutantDriver extends PtxDriver {
    private final Seen seen;
    private final long most;

    MutantDriver(Function<String, PtxModule> modules, Order order, Seen seen, long most) {
      super(modules, Schedule.of(order), false);
      this.seen = seen;
      this.most = most;
    }

    @Override
    long mostInstructions() {
      return most;
    }

    @Override
    void launched(Kernel kernel, long[] counts) {
      seen.add(kernel, counts);
    }
  }

  /**
   * All sums, and of the updates some of every type, estimator, momentum and noise, and of 16-bit storage, where averaged rules are left
   * to PtxPathsTest.
   */
  private static List<Subject> subjects() {
    List<Subject> subjects = new ArrayList<>();
    List<KernelPaths.Kind> all = KernelPaths.kinds();
    List<KernelPaths.Kind> chosen = new ArrayList<>();
    for (int i = 1; i < all.size(); i += 5) {
      chosen.add(all.get(i));
    }
    List<KernelPaths.Kind> every = KernelPaths.everyKernel().stream()
        .filter(kind -> all.contains(kind) || !kind.averaged()).toList();
    for (int i = all.size() + 4; i < every.size(); i += 25) {
      chosen.add(every.get(i));
    }
    for (KernelPaths.Kind kind : chosen) {
      String module = KernelNames.module(kind.variant());
      subjects.add(new Subject(module, PtxDriver.shipped(module).kernel(KernelNames.update(kind.variant())), kind));
      String sum = "nlar_square_sum_" + KernelNames.suffix(kind.gradient());
      if (subjects.stream().noneMatch(subject -> subject.kernel.name().equals(sum))) {
        subjects.add(new Subject(SUM, PtxDriver.shipped(SUM).kernel(sum), kind));
      }
    }
    return subjects;
  }

  /** Whether runs on these modules give other bits than the reference, or fail. */
  private static boolean differs(Function<String, PtxModule> modules, Subject subject, Seen seen) {
    return RUNS.stream().anyMatch(run -> run.differs(modules, subject.kind, seen))
        || subject.module.equals(SUM) && RUN_OF_SUMS.differs(modules, subject.kind, seen);
  }

  /** A change is seen by a failure, by other bits, or by other accesses to memory: narrower, or too many. */
  @Test
  @Tag("slow")
  void aHundredChangesOfOneInstructionAreSeen() {
    SplittableRandom random = new SplittableRandom(15);
    List<Subject> subjects = subjects();
    Map<Subject, Seen> unchanged = new HashMap<>();
    List<Trial> trials = new ArrayList<>();
    for (int i = 0; i < MUTANTS; i++) {
      Subject subject = subjects.get(random.nextInt(subjects.size()));
      Seen before = unchanged.computeIfAbsent(subject, s -> {
        Seen seen = new Seen();
        assertFalse(differs(PtxDriver::shipped, s, seen), () -> "unchanged, " + s + " differs");
        assertFalse(s.module.equals(SUM) && RUN_OF_NODES.differs(PtxDriver::shipped, s.kind, new Seen()),
            () -> "unchanged, " + s + " differs over nodes");
        return seen;
      });
      trials.add(new Trial(subject, PtxMutant.of(subject.kernel, before.live(subject.kernel), random)));
    }
    List<PtxMutant> unseen = trials.parallelStream().filter(trial -> {
      Seen after = new Seen();
      return !differs(mutated(trial.subject.module, trial.mutant), trial.subject, after)
          && after.accesses.equals(unchanged.get(trial.subject).accesses)
          && !(trial.subject.module.equals(SUM)
              && RUN_OF_NODES.differs(mutated(SUM, trial.mutant), trial.subject.kind, new Seen()));
    }).map(Trial::mutant).toList();
    String list = String.join("\n", unseen.stream().map(PtxMutant::toString).toList());
    assertTrue(unseen.size() <= MOST_UNSEEN, unseen.size() + " changes are not seen. A change that makes a"
        + " difference takes another run in KernelPaths, one that makes none is equivalent in PtxMutant:\n" + list);
  }

  private static Function<String, PtxModule> mutated(String module, PtxMutant mutant) {
    PtxModule[] changed = new PtxModule[1];
    return name -> {
      if (!name.equals(module)) {
        return PtxDriver.shipped(name);
      }
      if (changed[0] == null) {
        changed[0] = new PtxModule(mutant.text(Ptx.text(module)));
      }
      return changed[0];
    };
  }
}
