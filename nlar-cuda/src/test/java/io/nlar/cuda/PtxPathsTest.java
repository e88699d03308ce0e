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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every path of every apply kernel gives the bits of the reference, in whatever order thread blocks run. */
class PtxPathsTest {
  private static final int[] MANY = KernelPaths.lengths(294, 1025, 1026, 1027, 4096, 4099, 9001);
  private static final int[] FEW = KernelPaths.lengths(40, 515, 1027, 4099);

  /** Counts what is executed. */
  private static final class CountingDriver extends PtxDriver {
    private final Map<Kernel, long[]> executed;

    CountingDriver(Order order, Map<Kernel, long[]> executed) {
      super(Schedule.of(order), false);
      this.executed = executed;
    }

    @Override
    void launched(Kernel kernel, long[] counts) {
      executed.merge(kernel, counts, (a, b) -> {
        for (int i = 0; i < a.length; i++) {
          a[i] += b[i];
        }
        return a;
      });
    }
  }

  static List<KernelPaths.Kind> kinds() {
    return KernelPaths.kinds();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void everyPathGivesTheBitsOfTheReference(KernelPaths.Kind kind) {
    Map<Kernel, long[]> executed = new HashMap<>();
    run(Order.ASCENDING, executed, kind, KernelPaths.groups(kind, MANY, true, NonFinite.AUTO), Layout.ALLOCATED);
    run(Order.RANDOM, executed, kind, KernelPaths.groups(kind, FEW, true, NonFinite.FAIL), Layout.SLICED);
    run(Order.DESCENDING, executed, kind, KernelPaths.groups(kind, FEW, false, NonFinite.UNCHECKED), Layout.ALLOCATED);
    run(Order.INTERLEAVED, executed, kind, KernelPaths.groups(kind, FEW, false, NonFinite.SKIP), Layout.SLICED);
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

  private static void run(Order order, Map<Kernel, long[]> executed, KernelPaths.Kind kind, List<GroupSpec> groups,
      Layout layout) {
    try (Device device = new CountingDriver(order, executed).open()) {
      assertEquals(Optional.empty(), KernelPaths.run(device, kind + " " + order, groups, layout, 1));
    }
  }
}
