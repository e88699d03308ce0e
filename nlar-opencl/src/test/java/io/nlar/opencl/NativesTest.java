package io.nlar.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.Backends;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.Parameter;
import io.nlar.ParameterGroup;
import io.nlar.Step;
import io.nlar.StepConfig;
import io.nlar.testkit.process.ChildJava;
import io.nlar.testkit.process.NoExec;
import java.io.File;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.lang.reflect.Method;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import org.jocl.CL;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** How JOCL's natives and a driver get into a process, and what else of the process feels it. Each in a JVM of its own. */
class NativesTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir
  Path folder;

  @BeforeEach
  void thereIsADevice() {
    TestDevices.facts();
  }

  private String run(Class<?> main, String... options) throws IOException, InterruptedException {
    return ChildJava.run(main, Map.of(), List.of(options), List.of(), PATIENCE);
  }

  /** Opens a device and takes a step. */
  static final class Stepping {
    private Stepping() {}

    public static void main(String[] arguments) {
      try (Device device = Backends.open("opencl");
          Step step = device.compile(List.of(new ParameterGroup(StepConfig.nlarcm(), List.of(new Parameter("w",
              device.allocate(DType.FLOAT32, 5000), device.allocate(DType.FLOAT32, 5000))))))) {
        step.await(step.run());
        System.out.println("stepped on " + device.info().name());
      }
    }
  }

  /** A probe under properties that note who changes the folder for temporary files. */
  static final class Noting {
    private static final String WATCHED = "java.io.tmpdir";

    private Noting() {}

    public static void main(String[] arguments) {
      Properties noting = new Properties() {
        @Override
        public synchronized Object put(Object key, Object value) {
          if (WATCHED.equals(key)) {
            System.out.println("changed to " + value);
          }
          return super.put(key, value);
        }
      };
      noting.putAll(System.getProperties());
      System.setProperties(noting);
      Stepping.main(arguments);
      System.out.println("properties of Nlar's: "
          + noting.keySet().stream().filter(key -> key.toString().startsWith("io.nlar")).toList());
    }
  }

  @Test
  void theFolderForTemporaryFilesStaysForTheOtherThreads() throws IOException, InterruptedException {
    String output = run(Noting.class);
    assertTrue(output.contains("stepped on"), output);
    assertFalse(output.contains("changed to"), output);
    assertTrue(output.contains("properties of Nlar's: []"), output);
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void whereNoLibraryMayBeLoadedTheReasonIsTheSystems() throws IOException, InterruptedException {
    Path temporary = Files.createDirectory(folder.resolve("temporary"));
    ProcessBuilder child = ChildJava.of(ProbeTest.Main.class, List.of("-Djava.io.tmpdir=" + temporary), List.of());
    String output = ChildJava.run(NoExec.mounted(child, temporary), PATIENCE);
    assertTrue(output.contains("Unavailable[reason=JOCL's native library for Linux"), output);
    assertTrue(output.contains("failed to map segment") || output.contains("Operation not permitted"), output);
    assertTrue(output.contains("start Java with -Djava.io.tmpdir=FOLDER, naming a folder on a file system that is not"
        + " mounted noexec, instead of " + temporary), output);
    assertFalse(output.contains("where JOCL has none"), output);
  }

  @Test
  void aJavaRuntimeWithoutAModuleThatJoclNeedsIsSaidToBeSo() throws IOException, InterruptedException {
    String output = run(ProbeTest.Main.class, "--limit-modules=java.base,jdk.incubator.vector");
    assertTrue(output.contains("the Java runtime lacks the module java.logging"), output);
  }

  @Test
  void aJvmThatCopiesArraysForNativeCodeFindsTheSameDevice() throws IOException, InterruptedException {
    String output = run(Stepping.class, "-Xcheck:jni");
    assertTrue(output.contains("stepped on " + TestDevices.facts().name()), output);
  }

  /** As an application server: each application has its own copy of Nlar and of JOCL. */
  static final class Three {
    private Three() {}

    public static void main(String[] arguments) throws Exception {
      int loaders = 3;
      CyclicBarrier together = new CyclicBarrier(loaders);
      try (ExecutorService threads = Executors.newFixedThreadPool(loaders)) {
        List<Future<?>> all = new ArrayList<>();
        for (int i = 0; i < loaders; i++) {
          all.add(threads.submit(() -> {
            ClassLoader own = new URLClassLoader(classPath(entry -> true), ClassLoader.getPlatformClassLoader());
            together.await();
            step(own);
            return null;
          }));
        }
        for (Future<?> each : all) {
          each.get();
        }
      }
    }
  }

  private static void step(ClassLoader loader) throws ReflectiveOperationException {
    Thread.currentThread().setContextClassLoader(loader);
    Method main = Class.forName(Stepping.class.getName(), true, loader).getMethod("main", String[].class);
    main.setAccessible(true);
    main.invoke(null, (Object) new String[0]);
  }

  private static URL[] classPath(Predicate<String> wanted) throws MalformedURLException {
    List<URL> urls = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      if (wanted.test(entry)) {
        urls.add(Path.of(entry).toUri().toURL());
      }
    }
    return urls.toArray(URL[]::new);
  }

  @Test
  void classLoadersWithNlarEachMayStartAtOnce() throws IOException, InterruptedException {
    for (int round = 0; round < 2; round++) {
      String output = run(Three.class);
      assertEquals(3, output.lines().filter(line -> line.startsWith("stepped on")).count(), output);
    }
  }

  /** Uses Nlar in a class loader above which JOCL lies, twice, and drops it. */
  static final class Dropping {
    private Dropping() {}

    public static void main(String[] arguments) throws Exception {
      Predicate<String> jocl = entry -> new File(entry).getName().startsWith("jocl-");
      ClassLoader shared = new URLClassLoader(classPath(jocl), ClassLoader.getPlatformClassLoader());
      for (int i = 0; i < 2; i++) {
        WeakReference<ClassLoader> dropped = useAndDrop(shared, jocl.negate());
        long deadline = System.nanoTime() + 20_000_000_000L;
        while (dropped.get() != null && System.nanoTime() < deadline) {
          System.gc();
          Thread.sleep(50);
        }
        System.out.println("left: " + dropped.get());
      }
    }

    private static WeakReference<ClassLoader> useAndDrop(ClassLoader parent, Predicate<String> entries)
        throws Exception {
      ClassLoader own = new URLClassLoader(classPath(entries), parent);
      Thread user = new Thread(() -> {
        try {
          step(own);
        } catch (ReflectiveOperationException e) {
          throw new AssertionError(e);
        }
      });
      user.start();
      user.join();
      return new WeakReference<>(own);
    }
  }

  @Test
  void nlarsClassLoaderIsCollectedWhereJoclHasAnother() throws IOException, InterruptedException {
    // The JDK keeps some method handles until memory is short.
    String output = run(Dropping.class, "-XX:SoftRefLRUPolicyMSPerMB=0");
    assertEquals(2, output.lines().filter(line -> line.startsWith("stepped on")).count(), output);
    assertEquals(2, output.lines().filter("left: null"::equals).count(), output);
  }

  /** Builds a program that compilers warn about, as they do about those of steps on processors with narrow vectors. */
  static final class Compiling {
    private Compiling() {}

    public static void main(String[] arguments) {
      DeviceFacts facts = TestDevices.facts();
      String options = Sources.checkOptions(Mapping.of(facts), facts.roundedDivision());
      try (OpenClDevice device = TestDevices.open(new BinaryCache(null))) {
        CL.clReleaseKernel(device.programs().kernel("share", "#warning so\n" + Sources.CHECK, options));
      }
    }
  }

  @Test
  void compilersWriteNothingToTheTerminal() throws IOException, InterruptedException {
    Path errors = folder.resolve("errors");
    ProcessBuilder child = ChildJava.of(Compiling.class, List.of(), List.of());
    child.environment().put("POCL_CACHE_DIR", folder.resolve("pocl").toString());
    Process process = child.redirectError(errors.toFile()).redirectOutput(folder.resolve("output").toFile()).start();
    assertEquals(0, process.waitFor(), () -> Arrays.toString(folder.toFile().list()));
    assertNull(Files.readAllLines(errors).stream()
        .filter(line -> !line.startsWith("WARNING: Using incubator modules")).findFirst().orElse(null));
  }
}
