package io.nlar.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.Device;
import io.nlar.NonFinite;
import io.nlar.cuda.interpreter.Kernel;
import io.nlar.cuda.interpreter.PtxException;
import io.nlar.cuda.interpreter.PtxModule;
import io.nlar.cuda.interpreter.Schedule;
import io.nlar.testkit.BitDifference;
import io.nlar.testkit.Layout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** No thread of the shipped PTX meets another one's access with nothing between them; without its fences it would. */
@Execution(ExecutionMode.CONCURRENT)
class PtxRaceTest {
  /**
   * One to five blocks of the sums, so that the tree of sums has three nodes, and thread blocks that share chunks; and tensors of one
   * block of the sums, each with a thread block of its own.
   */
  private static final Map<NonFinite, int[]> LENGTHS = Map.of(
      NonFinite.AUTO, new int[] {3, 1030, 33, 4099, 0, 2}, NonFinite.FAIL, new int[] {3, 1000, 33, 517, 0, 2});
  /** Two chunks of a tensor arrive at its node, too. */
  private static final int[] CHUNKS = {3, 1030, 8195, 0};

  /** Every kernel of one type, and of those with 16 bits one of each storage, by rules and forms in turn, and one that observes. */
  static List<KernelPaths.Kind> kinds() {
    List<KernelPaths.Kind> kinds = new ArrayList<>(KernelPaths.kinds());
    List<KernelPaths.Kind> narrow = List.copyOf(KernelPaths.everyKernel().subList(kinds.size(), KernelPaths.everyKernel().size()));
    for (String storage : Ptx.STORAGES.subList(4, Ptx.STORAGES.size())) {
      List<KernelPaths.Kind> kept = narrow.stream()
          .filter(kind -> KernelNames.storage(kind.variant().storage()).equals(storage))
          .filter(kind -> kind.config().rule().parameterSlots().isEmpty()).toList();
      kinds.add(kept.get(3 * kinds.size() % kept.size()));
    }
    narrow.stream().filter(kind -> kind.toString().equals("nlar_apply_bf16r_s16_nlarsf_averaged")).forEach(kinds::add);
    return kinds;
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void nothingRacesInterleavedAtRandom(KernelPaths.Kind kind) {
    LENGTHS.forEach(
        (policy, lengths) -> assertEquals(Optional.empty(), run(kind, policy, lengths, PtxDriver::shipped)));
  }

  private static Optional<BitDifference> run(
      KernelPaths.Kind kind, NonFinite policy, int[] lengths, Function<String, PtxModule> modules) {
    try (Device device = new PtxDriver(modules, new Schedule(Schedule.Order.INTERLEAVED, 3), true).open()) {
      return KernelPaths.run(device, kind.toString(), KernelPaths.groups(kind, lengths, true, policy), Layout.SLICED, 1);
    }
  }

  /**
   * Removed from a kernel one at a time: the fences on both sides of the arrivals, the warp's barriers behind those of the
   * sum, the thread block's barrier behind its sums and behind the scalars.
   */
  @ParameterizedTest
  @CsvSource({
      "square_sum, nlar_square_sum_f32, fence.acq_rel.gpu, 4", "square_sum, nlar_square_sum_f32, bar.warp.sync -1, 2",
      "square_sum, nlar_square_sum_f32, bar.sync 0, 1",
      "square_sum, nlar_square_sum_f64, fence.acq_rel.gpu, 4", "square_sum, nlar_square_sum_f64, bar.warp.sync -1, 2",
      "square_sum, nlar_square_sum_f64, bar.sync 0, 1",
      "apply_f32_nlarcm, nlar_apply_f32_nlarcm_momentum, fence.acq_rel.gpu, 2",
      "apply_f32_nlarcm, nlar_apply_f32_nlarcm_momentum, bar.sync 0, 1",
      "apply_f64_nlarsm, nlar_apply_f64_nlarsm_plain, fence.acq_rel.gpu, 2",
      "apply_f64_nlarsm, nlar_apply_f64_nlarsm_plain, bar.sync 0, 1"})
  void withoutItsFencesAndBarriersItRaces(String module, String kernel, String instruction, int count) {
    KernelPaths.Kind kind = KernelPaths.kinds().stream()
        .filter(k -> kernel.equals(k.toString()) || kernel.endsWith(KernelNames.suffix(k.type())))
        .findFirst().orElseThrow();
    Kernel shipped = PtxDriver.shipped(module).kernel(kernel);
    List<Integer> found = IntStream.range(0, shipped.instructions().size())
        .filter(i -> shipped.instructions().get(i).equals(instruction)).boxed().toList();
    assertEquals(count, found.size(), "those that are looked for are there");
    for (int index : found) {
      PtxModule without = new PtxModule(PtxMutant.line(Ptx.text(module), shipped.lines()[index], ""));
      Throwable seen = assertThrows(RuntimeException.class,
          () -> run(kind, NonFinite.AUTO, CHUNKS, name -> name.equals(module) ? without : PtxDriver.shipped(name)));
      while (!(seen instanceof PtxException)) {
        seen = seen.getCause();
      }
      assertTrue(seen.getMessage().startsWith("race: "), seen.getMessage());
    }
  }
}
