package io.nlar;

import io.nlar.spi.Backend;
import io.nlar.spi.Probe;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeMap;

/**
 * Finds backends through {@link ServiceLoader} and opens devices.
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
    load().forEach((name, backend) -> probes.put(name, probe(backend)));
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
    int colon = Objects.requireNonNull(selector, "selector").indexOf(':');
    String name = colon < 0 ? selector : selector.substring(0, colon);
    int index = colon < 0 ? 0 : index(selector, selector.substring(colon + 1));
    Map<String, Backend> backends = load();
    Backend backend = backends.get(name);
    if (backend == null) {
      throw new DeviceUnavailableException("there is no backend '" + name + "' for the selector '" + selector + "'"
          + onOffer(backends));
    }
    if (probe(backend) instanceof Probe.Available available) {
      return available.devices().stream()
          .filter(device -> device.index() == index)
          .findFirst()
          .map(backend::open)
          .orElseThrow(() -> new DeviceUnavailableException(
              "backend '" + name + "' has no device " + index + onOffer(backends)));
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
    Map<String, Backend> backends = load();
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
    if (backends.isEmpty()) {
      return "; no backend is on the class path: add nlar-cpu, nlar-cuda or nlar-opencl";
    }
    StringBuilder text = new StringBuilder();
    backends.forEach((name, backend) -> text.append(System.lineSeparator()).append("  ").append(name).append(": ")
        .append(switch (probe(backend)) {
          case Probe.Available a -> "available: " + String.join(", ",
              a.devices().stream().map(d -> d.selector() + " (" + d.name() + ")").toList());
          case Probe.Unavailable u -> "not available: " + u.reason();
        }));
    return text.toString();
  }

  private static Probe probe(Backend backend) {
    try {
      return backend.probe();
    } catch (RuntimeException | LinkageError failure) {
      return new Probe.Unavailable("its probe failed, which is an error of that backend: " + failure, failure);
    }
  }

  /**
   * Backends by name, from the thread's class loader, or from the one of this library where that one sees none. A
   * backend that cannot be loaded must not hide the others: it is left out, with a line in the log.
   */
  private static Map<String, Backend> load() {
    Map<String, Backend> backends = load(ServiceLoader.load(Backend.class));
    return backends.isEmpty() ? load(ServiceLoader.load(Backend.class, Backends.class.getClassLoader())) : backends;
  }

  private static Map<String, Backend> load(ServiceLoader<Backend> loader) {
    LoadFailures failures = new LoadFailures();
    Map<String, Backend> backends = new LinkedHashMap<>();
    Iterator<ServiceLoader.Provider<Backend>> providers = loader.stream().iterator();
    boolean more = true;
    while (more) {
      try {
        more = providers.hasNext();
        if (more) {
          Backend backend = providers.next().get();
          backends.putIfAbsent(backend.name(), backend);
        }
      } catch (ServiceConfigurationError | RuntimeException | LinkageError broken) {
        // The iterator goes on behind most errors, but not where the class loader itself fails.
        more = failures.add(broken);
      }
    }
    failures.log();
    return backends;
  }
}
