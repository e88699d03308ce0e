package io.nlar.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.DType;
import io.nlar.testkit.BitCase;
import io.nlar.testkit.BitComparison;
import io.nlar.testkit.BitDifference;
import io.nlar.testkit.RandomCases;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The same bits as the reference step, for every setting, length, alignment and mixture of groups. */
public interface BitContract extends ContractSupport {

  @ParameterizedTest
  @EnumSource(names = {"FLOAT32", "FLOAT64"})
  default void everySettingGivesTheBitsOfTheReference(DType type) {
    assertAllEqual(RandomCases.everySetting().stream().filter(c -> c.types().contains(type)).toList());
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT32", "FLOAT64"})
  default void everyLengthGivesTheBitsOfTheReference(DType type) {
    assertAllEqual(RandomCases.everyLength().stream().filter(c -> c.types().contains(type)).toList());
  }

  /** The cases of storages that are run. Hundreds of kernels: a device that compiles them on the way may take a part. */
  default List<BitCase> storages() {
    return RandomCases.storages();
  }

  @Test
  default void everyStorageGivesTheBitsOfTheReference() {
    assertAllEqual(storages());
  }

  @Test
  default void groupsAndManySmallTensorsGiveTheBitsOfTheReference() {
    assertAllEqual(RandomCases.groups());
  }

  /** The cases of updates that are run, likewise. */
  default List<BitCase> updates() {
    return RandomCases.updates();
  }

  @Test
  default void updatesHaveTheBitsOfTheReference() {
    assertAllEqual(updates());
  }

  private void assertAllEqual(List<BitCase> all) {
    List<BitCase> cases = all.stream().filter(c -> device().info().types().containsAll(c.types())).toList();
    Assumptions.assumeFalse(cases.isEmpty(), "the device does not know the type");
    List<String> failures = new ArrayList<>();
    for (BitCase run : cases) {
      Optional<BitDifference> difference = BitComparison.run(device(), run);
      difference.map(BitDifference::toString).ifPresent(failures::add);
    }
    assertTrue(failures.isEmpty(), () -> failures.size() + " of " + cases.size() + " cases differ:\n"
        + String.join("\n", failures.subList(0, Math.min(10, failures.size()))));
  }
}
