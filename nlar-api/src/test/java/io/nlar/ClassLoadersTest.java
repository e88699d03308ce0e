package io.nlar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.Set;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the thread's class loader may do without hiding the backends, or filling the log. */
@Timeout(20)
class ClassLoadersTest {
  private static final Set<String> ALL = Set.of("rude", "absent", "plain", "best");

  private final Logger logger = Logger.getLogger(Backends.class.getName());
  private final List<LogRecord> records = new ArrayList<>();
  private final Handler handler = new Handler() {
    @Override
    public void publish(LogRecord record) {
      records.add(record);
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  };
  private ClassLoader before;

  @BeforeEach
  void listen() {
    before = Thread.currentThread().getContextClassLoader();
    logger.addHandler(handler);
  }

  @AfterEach
  void restore() {
    logger.removeHandler(handler);
    Thread.currentThread().setContextClassLoader(before);
  }

  private static Set<String> probeUnder(ClassLoader loader) {
    Thread.currentThread().setContextClassLoader(loader);
    return Backends.probe().keySet();
  }

  /** A class loader whose look-up of resources fails in a way of its own. */
  private abstract static class Failing extends ClassLoader {
    private int calls;

    Failing(ClassLoader parent) {
      super(parent);
    }

    abstract IOException failure(int call);

    @Override
    public Enumeration<URL> getResources(String name) throws IOException {
      calls++;
      throw failure(calls);
    }
  }

  @Test
  void aClassLoaderThatFailsGivesWayToNlarsOwn() {
    Failing failing = new Failing(before) {
      @Override
      IOException failure(int call) {
        return new IOException("the archive is gone");
      }
    };
    assertEquals(ALL, probeUnder(failing));
    assertTrue(failing.calls < 10, failing.calls + " calls");
    List<LogRecord> lines = records.stream().filter(r -> r.getMessage().contains("the archive is gone")).toList();
    assertEquals(1, lines.size());
    assertEquals(null, lines.getFirst().getThrown());
    assertEquals(ALL, probeUnder(failing));
    assertEquals(1, records.stream().filter(r -> r.getMessage().contains("the archive is gone")).count(), "once");
  }

  @Test
  void failuresThatAllDifferAreBoundedToo() {
    Failing failing = new Failing(before) {
      @Override
      IOException failure(int call) {
        throw new IllegalStateException("stopped at request " + call);
      }
    };
    assertEquals(ALL, probeUnder(failing));
    assertTrue(failing.calls <= 20, failing.calls + " calls");
  }

  /** As in a server: the thread belongs to an application with Nlar of its own. */
  @Test
  void anotherCopyOfNlarIsOneLine() throws IOException {
    try (URLClassLoader other = new URLClassLoader(classPath(), ClassLoader.getPlatformClassLoader())) {
      assertEquals(ALL, probeUnder(other));
    }
    List<LogRecord> lines = records.stream().filter(r -> r.getMessage().contains("another copy of Nlar")).toList();
    assertEquals(1, lines.size());
    assertTrue(lines.getFirst().getMessage().contains("io.nlar.FakeBackend$Rude, io.nlar.FakeBackend$Absent"),
        lines.getFirst().getMessage());
    assertEquals(null, lines.getFirst().getThrown());
    assertFalse(records.stream().anyMatch(r -> r.getMessage().contains("not a subtype")));
  }

  private static URL[] classPath() throws MalformedURLException {
    String entries = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    List<URL> urls = new ArrayList<>();
    for (String entry : entries.split(File.pathSeparator)) {
      urls.add(Path.of(entry).toUri().toURL());
    }
    return urls.toArray(URL[]::new);
  }
}
