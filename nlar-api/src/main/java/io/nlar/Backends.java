package io.nlar;

import io.nlar.spi.Backend;
import io.nlar.spi.Probe;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * Finds backends and opens devices. Backends are those that {@link java.util.ServiceLoader} lists, and besides those of
 * this project whose classes are there, in whatever packaging, in the thread's context class loader or the one of this
 * library.
 *
 * <p>Which device: an explicit selector, else the system property {@value #PROPERTY}, else the environment variable
 * {@value #VARIABLE}, else automatic (CUDA, then an OpenCL GPU, then the CPU, then OpenCL on the CPU). A selector is a
 * backend's name with an optional number: {@code cuda}, {@code opencl:1}. What was asked for and is not available is an
 * error that gives every backend's reason; nothing falls back silently.
 */
public final class Backends {
  /** System property with the selector of the device to open. */
  public static final String PROPERTY = "nlar.device";
  /** Environment variable with the selector of the device to open. */
  public static final String VARIABLE = "NLAR_DEVICE";

  private Backends() {}

  /** Probes every backend on the class or module path; never throws for what a backend does. By name. */
  public static Map<String, Probe> probe() {
    Map<String, Probe> probes = new TreeMap<>();
    BackendLoader.load().forEach((name, backend) -> probes.put(name, probe(backend)));
    return probes;
  }

  /** Opens the device that the property or the environment names, or the best one there is. */
  public static Device open() {
    String property = System.getProperty(PROPERTY);
    if (property != null && !property.isBlank()) {
      return open(property.strip());
    }
    String variable = System.getenv(VARIABLE);
    if (variable != null && !variable.isBlank()) {
      return open(variable.strip());
    }
    return automatic();
  }

  /**
   * Opens the device that {@code selector} names, for example {@code cpu} or {@code opencl:1}.
   *
   * @throws DeviceUnavailableException if there is no such device
   */
  public static Device open(String selector) {
    return open(selector, DeviceOptions.defaults());
  }

  /**
   * Opens the device that {@code selector} names with options of its own, for example two threads for each of several
   * devices {@code cpu}.
   *
   * @throws DeviceUnavailableException if there is no such device
   * @throws SettingException if its backend cannot follow an option
   */
  public static Device open(String selector, DeviceOptions options) {
    int colon = Objects.requireNonNull(selector, "selector").indexOf(':');
    Objects.requireNonNull(options, "options");
    String name = colon < 0 ? selector : selector.substring(0, colon);
    int index = colon < 0 ? 0 : index(selector, selector.substring(colon + 1));
    Map<String, Backend> backends = BackendLoader.load();
    Backend backend = backends.get(name);
    if (backend == null) {
      throw new DeviceUnavailableException("there is no backend '" + name + "' for the selector '" + selector + "'"
          + onOffer(backends));
    }
    if (probe(backend) instanceof Probe.Available available) {
      for (DeviceInfo device : available.devices()) {
        if (device.index() == index) {
          return backend.open(device, options);
        }
      }
      throw new DeviceUnavailableException("backend '" + name + "' has no device " + index + onOffer(backends));
    }
    throw new DeviceUnavailableException("the device '" + selector + "' is not available" + onOffer(backends));
  }

  private static int index(String selector, String digits) {
    try {
      int index = Integer.parseInt(digits);
      if (index >= 0) {
        return index;
      }
    } catch (NumberFormatException e) {
      // reported below with the whole selector
    }
    throw new DeviceUnavailableException("the selector '" + selector + "' is not a backend's name with an optional"
        + " number from 0, such as 'cpu' or 'opencl:1'");
  }

  private record Candidate(Backend backend, DeviceInfo device) {}

  private static Device automatic() {
    Map<String, Backend> backends = BackendLoader.load();
    List<Candidate> candidates = new ArrayList<>();
    for (Backend backend : backends.values()) {
      if (probe(backend) instanceof Probe.Available available) {
        available.devices().forEach(device -> candidates.add(new Candidate(backend, device)));
      }
    }
    return candidates.stream()
        .max(Comparator.comparingInt((Candidate c) -> c.backend.preference(c.device))
            .thenComparing(c -> c.device.index(), Comparator.reverseOrder()))
        .map(c -> c.backend.open(c.device))
        .orElseThrow(() -> new DeviceUnavailableException("no device is available" + onOffer(backends)));
  }

  private static String onOffer(Map<String, Backend> backends) {
    StringBuilder text = new StringBuilder();
    backends.forEach((name, backend) -> line(text, name, switch (probe(backend)) {
      case Probe.Available a -> "available: " + String.join(", ",
          a.devices().stream().map(d -> d.selector() + " (" + d.name() + ")").toList());
      case Probe.Unavailable u -> "not available: " + u.reason();
    }));
    for (KnownBackend known : KnownBackend.ALL) {
      if (!backends.containsKey(known.name())) {
        line(text, known.name(), "not there: " + known.remedy());
      }
    }
    return text.toString();
  }

  private static void line(StringBuilder text, String name, String what) {
    text.append(System.lineSeparator()).append("  ").append(name).append(": ").append(what);
  }

  private static Probe probe(Backend backend) {
    try {
      return backend.probe();
    } catch (RuntimeException | LinkageError failure) {
      return new Probe.Unavailable("its probe failed, which is an error of that backend: " + failure, failure);
    }
  }
}
