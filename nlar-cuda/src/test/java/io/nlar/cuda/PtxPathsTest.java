package io.nlar.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.Device;
import io.nlar.NonFinite;
import io.nlar.cuda.interpreter.Kernel;
import io.nlar.cuda.interpreter.Schedule.Order;
import io.nlar.cuda.interpreter.Schedule;
import io.nlar.testkit.GroupSpec;
import io.nlar.testkit.Layout;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every path of every apply kernel gives the bits of the reference, in whatever order thread blocks run. */
@Execution(ExecutionMode.CONCURRENT)
class PtxPathsTest {
  private static final int[] MANY = KernelPaths.lengths(294, 1025, 1026, 1027, 4099, 8192, 9001);
  private static final int[] SOME = KernelPaths.lengths(60, 1025, 4099);
  /** So few that thread blocks share a chunk. */
  private static final int[] FEW = KernelPaths.lengths(40, 515, 1027, 4099);
  /** So short that none do. */
  private static final int[] SHORT = KernelPaths.lengths(40, 515, 1023);

  private static final List<Run> RUNS = runs(MANY);
  /** For kernels of which there are others with the same loads and stores, or the same rule. */
  private static final List<Run> SHORTER_RUNS = runs(SOME);

  private static List<Run> runs(int[] lengths) {
    return List.of(new Run(Order.ASCENDING, lengths, true, NonFinite.AUTO, Layout.ALLOCATED),
        new Run(Order.RANDOM, FEW, true, NonFinite.FAIL, Layout.SLICED),
        new Run(Order.DESCENDING, SHORT, false, NonFinite.UNCHECKED, Layout.ALLOCATED),
        new Run(Order.INTERLEAVED, SHORT, false, NonFinite.SKIP, Layout.SLICED));
  }

  /** Counts what is executed. */
  private static final class CountingDriver extends PtxDriver {
    private final Map<Kernel, long[]> executed;

    CountingDriver(Order order, Map<Kernel, long[]> executed) {
      super(Schedule.of(order), false);
      this.executed = executed;
    }

    @Override
    void launched(Kernel kernel, long[] counts) {
      addExecuted(executed, kernel, counts);
    }
  }

  static List<KernelPaths.Kind> kinds() {
    return KernelPaths.kinds();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void everyPathGivesTheBitsOfTheReference(KernelPaths.Kind kind) {
    Map<Kernel, long[]> executed = new HashMap<>();
    RUNS.forEach(run -> run.of(kind, executed));
    assertAllExecuted(kind, executed);
  }

  /** Two nodes below a tensor's own sums, and one with more inputs than a warp has lanes. */
  @Test
  void sumsOfProductsOfLongTensorsAreTheReferences() {
    KernelPaths.Kind kind = kinds().stream().filter(each -> each.toString().equals("nlar_apply_f32_nlarsf_averaged"))
        .findFirst().orElseThrow();
    new Run(Order.RANDOM, new int[] {1025 * 1024 + 3, 45_000, 5}, true, NonFinite.AUTO, Layout.ALLOCATED).of(kind, new HashMap<>());
  }

  /** The ones of averaged rules that are not left to the slow test. */
  private static final List<String> AVERAGED =
      List.of("nlar_apply_bf16r_s16_nlarsf_averaged", "nlar_apply_f32_s16_schedulefree_averaged");

  /** Of every storage one kernel with momentum and one of another form, under the rules in turn. */
  static List<List<KernelPaths.Kind>> someNarrowKernels() {
    List<List<KernelPaths.Kind>> some = new ArrayList<>();
    Collection<List<KernelPaths.Kind>> all = KernelPaths.narrowKernels().values();
    for (String storage : Ptx.STORAGES) {
      for (boolean momentum : new boolean[] {true, false}) {
        List<List<KernelPaths.Kind>> kept = all.stream()
            .filter(kinds -> kinds.getFirst().toString().startsWith("nlar_apply_" + storage + "_nlar")
                || kinds.getFirst().toString().startsWith("nlar_apply_" + storage + "_adamw"))
            .filter(kinds -> kinds.getFirst().toString().endsWith("_momentum") == momentum)
            .filter(kinds -> !kinds.getFirst().averaged()).toList();
        if (!kept.isEmpty()) {
          some.add(kept.get(some.size() % kept.size()));
        }
      }
    }
    all.stream().filter(kinds -> AVERAGED.contains(kinds.getFirst().toString())).forEach(some::add);
    return some;
  }

  /** The others. */
  static List<List<KernelPaths.Kind>> otherNarrowKernels() {
    List<List<KernelPaths.Kind>> others = new ArrayList<>(KernelPaths.narrowKernels().values());
    others.removeAll(someNarrowKernels());
    return others;
  }

  @ParameterizedTest
  @MethodSource("someNarrowKernels")
  void everyPathOfNarrowStorageGivesTheBitsOfTheReference(List<KernelPaths.Kind> variants) {
    assertEveryPath(variants, RUNS);
  }

  @Tag("slow")
  @ParameterizedTest
  @MethodSource("otherNarrowKernels")
  void everyPathOfNarrowStorageGivesTheBitsUnderTheOtherRulesToo(List<KernelPaths.Kind> variants) {
    // Those that learn of all tensors need many of them.
    assertEveryPath(variants, variants.getFirst().averaged() ? RUNS : SHORTER_RUNS);
  }

  private static void assertEveryPath(List<KernelPaths.Kind> variants, List<Run> all) {
    Map<Kernel, long[]> executed = new HashMap<>();
    // Every other run is of aligned tensors: of types of gradients alone each has both, with kinds of noise one of them.
    int runs = Math.max(variants.size(), 2 * Math.min(3, variants.size()));
    for (int i = 0; i < runs; i++) {
      int layout = (variants.size() % 2 == 1 ? i : i + i / variants.size()) % 2;
      all.get(i < 2 ? i : layout == 0 ? 2 : 3).of(variants.get(i % variants.size()), executed);
    }
    assertAllExecuted(variants.getFirst(), executed);
  }

  private static void assertAllExecuted(KernelPaths.Kind kind, Map<Kernel, long[]> executed) {
    Kernel kernel = PtxDriver.shipped(KernelNames.module(kind.variant())).kernel(KernelNames.update(kind.variant()));
    List<String> never = new ArrayList<>();
    for (int i = 0; i < kernel.instructions().size(); i++) {
      if (executed.get(kernel)[i] == 0) {
        never.add(kernel.lines()[i] + ": " + kernel.instructions().get(i));
      }
    }
    // What is never executed is for tensors that cannot be: a compiler does not know that state is always aligned.
    assertTrue(never.size() <= 0.04 * kernel.instructions().size(), never.size() + " of "
        + kernel.instructions().size() + " instructions are never executed:\n" + String.join("\n", never));
  }

  /** A run, by the order of thread blocks, the tensors' lengths, whether there are norms, what a NaN does, and the layout. */
  private record Run(Order order, int[] lengths, boolean norms, NonFinite policy, Layout layout) {
    void of(KernelPaths.Kind kind, Map<Kernel, long[]> executed) {
      List<GroupSpec> groups = KernelPaths.groups(kind, lengths, norms, policy);
      try (Device device = new CountingDriver(order, executed).open()) {
        assertEquals(Optional.empty(),
            KernelPaths.run(device, kind + " " + kind.gradient() + " " + order, groups, layout, 1));
      }
    }
  }
}
