package io.nlar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.spi.Probe;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BackendsTest {

  @AfterEach
  void forgetProperty() {
    System.clearProperty(Backends.PROPERTY);
  }

  @Test
  void everyBackendThatLoadsIsProbedAndNoneCanThrow() {
    var probes = Backends.probe();
    assertEquals(Set.of("rude", "absent", "plain", "best"), probes.keySet());
    assertTrue(assertInstanceOf(Probe.Unavailable.class, probes.get("rude")).reason().contains("rude probe"));
  }

  @Test
  void automaticSelectionTakesThePreferredBackendsLowestDevice() {
    assertEquals("best:0", opened(null));
  }

  @Test
  void propertySelects() {
    System.setProperty(Backends.PROPERTY, " plain ");
    assertEquals("plain:0", opened(null));
  }

  @Test
  void selectorBeatsProperty() {
    System.setProperty(Backends.PROPERTY, "plain");
    assertEquals("best:1", opened("best:1"));
  }

  private static String opened(String selector) {
    try (Device device = selector == null ? Backends.open() : Backends.open(selector)) {
      return device.info().selector();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"absent", "rude", "nowhere", "plain:1", "plain:-1", "plain:x", "", "plain:"})
  void whatIsNotThereIsRefusedWithAReasonAndNothingFallsBack(String selector) {
    DeviceUnavailableException e = assertThrows(DeviceUnavailableException.class, () -> Backends.open(selector));
    assertTrue(e.getMessage().contains("'" + selector + "'") || e.getMessage().contains("device 1"), e::getMessage);
  }

  @Test
  void theRefusalGivesEveryBackendsReason() {
    String message = assertThrows(DeviceUnavailableException.class, () -> Backends.open("absent")).getMessage();
    assertTrue(message.contains("buy some") && message.contains("rude probe") && message.contains("best:0"), message);
  }

  @Test
  void aClosedDeviceRefusesUseAndClosesTwice() {
    Device device = Backends.open("plain");
    device.close();
    device.close();
    assertThrows(ClosedException.class, () -> device.allocate(DType.FLOAT32, 1));
    assertThrows(ClosedException.class, device::synchronize);
  }

  @Test
  void backendsOfThisProjectThatAreNotThereAreNamedWithTheRemedy() {
    String message = assertThrows(DeviceUnavailableException.class, () -> Backends.open("cuda")).getMessage();
    assertTrue(message.contains("cuda: not there: add io.nlar:nlar-cuda to the class path"), message);
    assertTrue(message.contains("opencl: not there: add io.nlar:nlar-opencl"), message);
  }

  @Test
  void optionsThatABackendCannotFollowAreRefused() {
    SettingException refused = assertThrows(SettingException.class,
        () -> Backends.open("plain", DeviceOptions.defaults().withThreads(2)));
    assertTrue(refused.getMessage().contains("plain takes no number of threads"), refused.getMessage());
    assertThrows(SettingException.class, () -> DeviceOptions.defaults().withThreads(-1));
    Backends.open("plain", DeviceOptions.defaults()).close();
  }
}
