package io.nlar.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.Backends;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.Collections;
import java.util.Enumeration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The library in one class loader and its backend in another, as servers and plug-ins have it. */
class TwoClassLoadersTest {
  private final ClassLoader before = Thread.currentThread().getContextClassLoader();
  private URLClassLoader library;
  private URLClassLoader backend;

  /** Has no services: what some packaging has dropped. */
  private static final class WithoutServices extends URLClassLoader {
    WithoutServices(URL[] urls, ClassLoader parent) {
      super(urls, parent);
    }

    @Override
    public Enumeration<URL> getResources(String name) throws IOException {
      return name.startsWith("META-INF/services/") ? Collections.emptyEnumeration() : super.getResources(name);
    }
  }

  private static URL[] location(Class<?> type) {
    return new URL[] {type.getProtectionDomain().getCodeSource().getLocation()};
  }

  @BeforeEach
  void load() {
    library = new URLClassLoader(location(Backends.class), ClassLoader.getPlatformClassLoader());
    backend = new WithoutServices(location(CpuBackend.class), library);
  }

  @AfterEach
  void restore() throws IOException {
    Thread.currentThread().setContextClassLoader(before);
    backend.close();
    library.close();
  }

  private Object call(String method, Class<?>[] types, Object... arguments) throws ReflectiveOperationException {
    return library.loadClass(Backends.class.getName()).getMethod(method, types).invoke(null, arguments);
  }

  @Test
  void theContextClassLoaderShowsTheBackend() throws Exception {
    Thread.currentThread().setContextClassLoader(backend);
    assertEquals(Set.of("cpu"), ((Map<?, ?>) call("probe", new Class<?>[0])).keySet());
  }

  @Test
  void withoutItTheRefusalSaysWhereBackendsAreLookedFor() throws Exception {
    Thread.currentThread().setContextClassLoader(null);
    Throwable refused = assertThrows(InvocationTargetException.class,
        () -> call("open", new Class<?>[] {String.class}, "cpu")).getCause();
    assertTrue(refused.getMessage().contains("cpu: not there: add io.nlar:nlar-cpu to the class path, or have it in a class"
        + " loader that the thread's context class loader or Nlar's own one sees"), refused.getMessage());
  }
}
