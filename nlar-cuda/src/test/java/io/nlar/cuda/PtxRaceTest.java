package io.nlar.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.Device;
import io.nlar.NonFinite;
import io.nlar.cuda.interpreter.PtxException;
import io.nlar.cuda.interpreter.PtxModule;
import io.nlar.cuda.interpreter.Schedule;
import io.nlar.testkit.BitDifference;
import io.nlar.testkit.Layout;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** No thread of the shipped PTX meets another one's access with nothing between them; without its fences it would. */
class PtxRaceTest {
  /** One to three blocks of the sums, a chunk and a bit: the tree of sums has three nodes. */
  private static final int[] LENGTHS = {3, 1030, 33, 4099, 0, 2};
  private static final String APPLY = "apply_f32_nlarcm";

  static List<KernelPaths.Kind> kinds() {
    return KernelPaths.kinds();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void nothingRaces(KernelPaths.Kind kind) {
    assertEquals(Optional.empty(), run(kind, NonFinite.AUTO, UnaryOperator.identity(), ""));
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void nothingRacesInARefusedStep(KernelPaths.Kind kind) {
    assertEquals(Optional.empty(), run(kind, NonFinite.FAIL, UnaryOperator.identity(), ""));
  }

  /** Runs a variant with warps interleaved at random, on PTX of which one module is changed. */
  private static Optional<BitDifference> run(
      KernelPaths.Kind kind, NonFinite policy, UnaryOperator<String> change, String module) {
    PtxModule changed = module.isEmpty() ? null : new PtxModule(changed(module, change));
    PtxDriver driver = new PtxDriver(name -> name.equals(module) ? changed : PtxDriver.shipped(name),
        new Schedule(Schedule.Order.INTERLEAVED, kind.hashCode()), true);
    try (Device device = driver.open()) {
      return KernelPaths.run(device, kind.toString(), KernelPaths.groups(kind, LENGTHS, true, policy), Layout.SLICED, 1);
    }
  }

  private static String changed(String module, UnaryOperator<String> change) {
    String before = Ptx.text(module);
    String after = change.apply(before);
    assertTrue(!after.equals(before), "nothing was changed");
    return after;
  }

  private static void assertRaces(String module, UnaryOperator<String> change) {
    KernelPaths.Kind kind = KernelPaths.kinds().stream()
        .filter(k -> k.variant().module().equals(APPLY)).findFirst().orElseThrow();
    PtxException seen = assertThrows(PtxException.class, () -> run(kind, NonFinite.AUTO, change, module));
    assertTrue(seen.getMessage().startsWith("race: "), seen.getMessage());
  }
}
