package io.nlar.opencl;

import io.nlar.Storage;
import io.nlar.spi.GroupPlan;
import io.nlar.spi.queue.Variant;
import io.nlar.testkit.BitCase;
import io.nlar.testkit.GroupSpec;
import io.nlar.testkit.RandomCases;
import io.nlar.testkit.TensorSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Cases of storages by the kernel that they need: compiling all of those takes minutes. A kernel is a choice each of rule, form,
 * noise, value with its master, gradient, and state, which meet in macros that know two or three of them.
 */
final class StorageCases {
  private StorageCases() {}

  /** A third of the cases of updates: of every rule some. */
  static List<BitCase> someUpdates() {
    return RandomCases.every(3, RandomCases.updates());
  }

  /**
   * The cases of a few kernels, in which every {@code strength} choices occur together that do in any case. Whether tensors are
   * short, long or many counts as a choice.
   */
  static List<BitCase> covering(int strength) {
    Map<Variant, List<BitCase>> cases = new LinkedHashMap<>();
    for (BitCase each : RandomCases.storages()) {
      cases.computeIfAbsent(variant(each), v -> new ArrayList<>()).add(each);
    }
    Map<Variant, Set<Object>> uncovered = new LinkedHashMap<>();
    cases.forEach((variant, its) -> uncovered.put(variant,
        its.stream().flatMap(each -> combinations(choices(each), strength).stream()).collect(Collectors.toCollection(HashSet::new))));
    List<BitCase> chosen = new ArrayList<>();
    while (!uncovered.isEmpty()) {
      Variant most = Collections.max(uncovered.entrySet(), Comparator.comparingInt(entry -> entry.getValue().size())).getKey();
      Set<Object> covered = uncovered.remove(most);
      chosen.addAll(cases.get(most));
      uncovered.values().forEach(left -> left.removeAll(covered));
      uncovered.values().removeIf(Set::isEmpty);
    }
    return chosen;
  }

  private static Variant variant(BitCase each) {
    GroupSpec group = each.groups().getFirst();
    return Variant.of(new GroupPlan(group.config(), group.type(), group.gradient()));
  }

  private static List<Object> choices(BitCase each) {
    Variant variant = variant(each);
    Storage storage = variant.storage();
    List<TensorSpec> tensors = each.groups().getFirst().tensors();
    return List.of(variant.rule(), variant.form(), variant.noise(), List.of(storage.value(), storage.master()),
        storage.gradient(), storage.state(), tensors.size() > 3 ? "many" : tensors.getFirst().length() > 4096 ? "long" : "short");
  }

  /** All ways to take so many of the choices, each choice with its place. */
  private static Set<Object> combinations(List<Object> choices, int strength) {
    Set<Object> combinations = new HashSet<>();
    for (int places = 0; places < 1 << choices.size(); places++) {
      if (Integer.bitCount(places) == strength) {
        int taken = places;
        combinations.add(List.of(places,
            IntStream.range(0, choices.size()).filter(i -> (taken >> i & 1) != 0).mapToObj(choices::get).toList()));
      }
    }
    return combinations;
  }
}
