package io.nlar.opencl;

import io.nlar.spi.GroupPlan;
import io.nlar.spi.queue.Variant;
import io.nlar.testkit.BitCase;
import io.nlar.testkit.GroupSpec;
import io.nlar.testkit.RandomCases;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Cases of storages by the kernel that they need: compiling all of those takes minutes. */
final class StorageCases {
  private StorageCases() {}

  /** A third of the cases of updates: of every rule some. */
  static List<BitCase> someUpdates() {
    List<BitCase> all = RandomCases.updates();
    return IntStream.range(0, all.size()).filter(i -> i % 3 == 0).mapToObj(all::get).toList();
  }

  private static Variant variant(BitCase each) {
    GroupSpec group = each.groups().getFirst();
    return Variant.of(new GroupPlan(group.config(), group.type(), group.gradient()));
  }

  /**
   * The cases that share every {@code n}-th kernel. Storages have 19 each: where n is no multiple of that, every rule, form and
   * noise has its turn.
   */
  static List<BitCase> everyKernel(int n) {
    List<Variant> kernels = new ArrayList<>();
    List<BitCase> cases = new ArrayList<>();
    for (BitCase each : RandomCases.storages()) {
      Variant variant = variant(each);
      if (!kernels.contains(variant)) {
        kernels.add(variant);
      }
      if (kernels.indexOf(variant) % n == 0) {
        cases.add(each);
      }
    }
    return cases;
  }
}
