package io.nlar.cli;

import io.nlar.Backends;
import io.nlar.Device;
import io.nlar.DeviceInfo;
import io.nlar.DeviceUnavailableException;
import io.nlar.spi.Probe;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The devices that a command works on.
 *
 * @param devices those chosen, at least one
 * @param left backends that are not available, with their reasons; only where nothing was chosen explicitly
 */
public record DeviceSelection(List<DeviceInfo> devices, Map<String, String> left) {
  private static final Pattern SELECTOR = Pattern.compile("[\\w.-]+(:\\d{1,9})?");
  private static final int ALL = -1;

  /**
   * The devices that {@code selectors} name: {@code cpu} for all devices of a backend, {@code opencl:1} for one. None:
   * all available devices.
   *
   * @throws WrongArgumentException if one is no selector
   * @throws DeviceUnavailableException if one of them is not available, with every backend's reason
   */
  public static DeviceSelection of(List<String> selectors) {
    Map<String, Probe> probes = Backends.probe();
    List<DeviceInfo> available = new ArrayList<>();
    Map<String, String> left = new TreeMap<>();
    probes.forEach((backend, probe) -> {
      switch (probe) {
        case Probe.Available a -> available.addAll(a.devices());
        case Probe.Unavailable u -> left.put(backend, u.reason());
      }
    });
    if (selectors.isEmpty()) {
      if (available.isEmpty()) {
        throw unavailable("");
      }
      return new DeviceSelection(available, left);
    }
    Set<DeviceInfo> chosen = new LinkedHashSet<>();
    selectors.forEach(DeviceSelection::checked);
    for (String selector : selectors) {
      int colon = selector.indexOf(':');
      String backend = colon < 0 ? selector : selector.substring(0, colon);
      int index = colon < 0 ? ALL : Integer.parseInt(selector.substring(colon + 1));
      List<DeviceInfo> found = available.stream()
          .filter(device -> device.backend().equals(backend) && (index == ALL || device.index() == index))
          .toList();
      if (found.isEmpty()) {
        throw unavailable(selector);
      }
      chosen.addAll(found);
    }
    return new DeviceSelection(List.copyOf(chosen), Map.of());
  }

  /**
   * Opens one device.
   *
   * @param selector null: what the property or the environment names, or the best one
   * @throws DeviceUnavailableException if it is not available, with every backend's reason
   */
  public static Device open(String selector) {
    return selector == null ? Backends.open() : Backends.open(checked(selector));
  }

  /**
   * A selector as it is.
   *
   * @throws WrongArgumentException if it cannot name a device, whatever there is
   */
  public static String checked(String selector) {
    if (!SELECTOR.matcher(selector).matches()) {
      throw new WrongArgumentException("'" + selector + "' is no device's selector, which is a backend's name with an"
          + " optional number, such as cpu or opencl:1; nlar devices lists them");
    }
    return selector;
  }

  /** The reason why a device cannot be opened, as opening it tells. */
  private static RuntimeException unavailable(String selector) {
    try (var device = selector.isEmpty() ? Backends.open() : Backends.open(selector)) {
      return new DeviceUnavailableException("the device '" + selector + "' appeared only now; try again");
    } catch (DeviceUnavailableException reason) {
      return reason;
    }
  }
}
