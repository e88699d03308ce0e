package io.nlar.testkit.contract;

import static org.junit.jupiter.api.Assertions.fail;

import io.nlar.Backends;
import io.nlar.Device;
import io.nlar.spi.Probe;
import java.util.Arrays;
import java.util.Map;
import org.opentest4j.TestAbortedException;

/**
 * Opens a backend's device, or skips the test where this machine has none; unless the system property
 * {@value #PROPERTY} (backends' names, separated by commas) demands it, which makes its absence a failure.
 */
public final class Required {
  /** The system property that names the backends, and programs, that must be there. */
  public static final String PROPERTY = "nlar.require";

  private Required() {}

  /**
   * Opens a device.
   *
   * @param selector as {@link Backends#open(String)} takes it
   */
  public static Device device(String selector) {
    String backend = selector.split(":")[0];
    Map<String, Probe> probes = Backends.probe();
    String reason = switch (probes.get(backend)) {
      case null -> "no such backend on the class path, only " + probes.keySet();
      case Probe.Unavailable u -> u.reason();
      case Probe.Available a when a.devices().stream().noneMatch(
          d -> d.selector().equals(selector) || !selector.contains(":")) -> "it has no device '" + selector + "'";
      case Probe.Available a -> null;
    };
    if (reason == null) {
      return Backends.open(selector);
    }
    if (isRequired(backend)) {
      fail("-D" + PROPERTY + " demands the backend '" + backend + "', but: " + reason);
    }
    throw new TestAbortedException("skipped without the backend '" + backend + "': " + reason);
  }

  /** Whether the system property names {@code backend}, or a program that a test needs. */
  public static boolean isRequired(String backend) {
    return Arrays.stream(System.getProperty(PROPERTY, "").split(",")).map(String::strip).anyMatch(backend::equals);
  }
}
