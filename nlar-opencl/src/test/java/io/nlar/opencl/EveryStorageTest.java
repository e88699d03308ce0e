package io.nlar.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.nlar.Device;
import io.nlar.testkit.BitCase;
import io.nlar.testkit.BitComparison;
import io.nlar.testkit.contract.Required;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Every storage, and whatever three of rule, form, noise, types and lengths can meet. */
@Tag("slow")
class EveryStorageTest {
  @Test
  void givesTheBitsOfTheReference() {
    try (Device device = Required.device("opencl")) {
      for (BitCase each : StorageCases.covering(3)) {
        assertEquals(Optional.empty(), BitComparison.run(device, each), each::name);
      }
    }
  }
}
