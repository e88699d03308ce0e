package io.nlar;

import io.nlar.spi.Backend;
import java.lang.reflect.InvocationTargetException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.stream.Stream;

/**
 * Finds backends: what {@link ServiceLoader} lists, for the thread's context class loader and then for the one of this
 * library, and then those of this project by the names of their classes, in the same class loaders. So what is there is
 * found in every packaging. A backend that cannot be loaded must not hide the others: it is left out, with a line in the
 * log.
 */
final class BackendLoader {
  private final Map<String, Backend> backends = new LinkedHashMap<>();

  private BackendLoader() {}

  /** Backends by name. */
  static Map<String, Backend> load() {
    BackendLoader loader = new BackendLoader();
    ClassLoader[] classLoaders = Stream
        .of(Thread.currentThread().getContextClassLoader(), BackendLoader.class.getClassLoader())
        .filter(Objects::nonNull).distinct().toArray(ClassLoader[]::new);
    for (ClassLoader each : classLoaders) {
      loader.addServices(ServiceLoader.load(Backend.class, each));
    }
    for (ClassLoader each : classLoaders) {
      loader.addKnown(each);
    }
    return loader.backends;
  }

  private void addServices(ServiceLoader<Backend> services) {
    LoadFailures failures = new LoadFailures();
    Iterator<ServiceLoader.Provider<Backend>> providers = services.stream().iterator();
    boolean more = true;
    while (more) {
      try {
        more = providers.hasNext();
        if (more) {
          add(providers.next().get());
        }
      } catch (ServiceConfigurationError | RuntimeException | LinkageError broken) {
        // The iterator goes on behind most errors, but not where the class loader itself fails.
        more = failures.add(broken);
      }
    }
    failures.log();
  }

  private void addKnown(ClassLoader classLoader) {
    LoadFailures failures = new LoadFailures();
    for (KnownBackend known : KnownBackend.ALL) {
      if (!backends.containsKey(known.name())) {
        try {
          Class<?> type = Class.forName(known.type(), true, classLoader);
          if (Backend.class.isAssignableFrom(type)) { // else another copy of Nlar, of which the services have told
            add((Backend) type.getConstructor().newInstance());
          }
        } catch (ClassNotFoundException absent) {
          // Not in this packaging.
        } catch (InvocationTargetException broken) {
          failures.add(broken.getCause());
        } catch (ReflectiveOperationException | RuntimeException | LinkageError broken) {
          failures.add(broken);
        }
      }
    }
    failures.log();
  }

  private void add(Backend backend) {
    backends.putIfAbsent(backend.name(), backend);
  }
}
