package io.nlar.spi;

import io.nlar.DeviceUnavailableException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.instruction.ConstantInstruction.LoadConstantInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The native libraries of JOCL or JCuda, unpacked into a folder that only this user can write.
 *
 * <p>Both unpack their natives under fixed names into the folder of the system property {@code java.io.tmpdir}, and load
 * whatever lies there already: on a machine with several users another one's file as likely as not, and with several
 * class loaders a file that is only half written. The class that does it, {@code LibUtils}, is in both the same. It is
 * defined before its first use, as it is in the jar but for one thing: while a thread initialises a class here, that
 * thread's libraries go to a new folder, which is gone afterwards. The property is never changed, for it is the whole
 * process's. Where an application has used the library before Nlar, its {@code LibUtils} stays as it is.
 */
public final class UnpackedNatives {
  private static final String TEMPORARY = "java.io.tmpdir";
  /** With a thread's number behind it, the property that names the folder for that thread. */
  static final String FOLDER = "io.nlar.natives.";

  private static final ClassDesc SYSTEM = ClassDesc.of("java.lang.System");
  private static final ClassDesc THREAD = ClassDesc.of("java.lang.Thread");
  private static final ClassDesc STRING = ConstantDescs.CD_String;

  /** What the loading of a library says where its folder does not take it. */
  private static final List<String> FOLDER_REFUSES = List.of("No space left", "Disk quota exceeded",
      "Read-only file system", "Could not create directory");
  /** What the system says of libraries on a file system mounted noexec. */
  private static final List<String> NOT_EXECUTABLE =
      List.of("failed to map segment", "Operation not permitted", "Permission denied");

  private final String product;
  private final Class<?> anchor;
  private final MethodHandles.Lookup backend;
  private final String remedy;
  /** Classes that were initialised, with the first failure of each: later ones say less. */
  private final Map<String, Optional<DeviceUnavailableException>> outcomes = new HashMap<>();

  /**
   * Touches nothing yet.
   *
   * @param product the library's name for people
   * @param anchor a class of the library beside its {@code LibUtils}; it must use neither that nor natives
   * @param backend of the backend's class, which must be able to use the library
   * @param remedy what to do where nothing better is known; the end of a sentence
   */
  public UnpackedNatives(String product, Class<?> anchor, MethodHandles.Lookup backend, String remedy) {
    this.product = product;
    this.anchor = anchor;
    this.backend = backend;
    this.remedy = remedy;
  }

  /**
   * Initialises a class of the library, which loads its natives; afterwards does nothing.
   *
   * @throws DeviceUnavailableException if the natives cannot be loaded, again at every later call, for a class that has
   *     failed to initialise stays so; the message gives the system's own reason, and the remedy
   */
  public void initialise(String className) {
    WholeProcess.alone(() -> {
      Optional<DeviceUnavailableException> known = outcomes.get(className);
      return known != null ? known : load(className, makeFolder());
    }).ifPresent(first -> {
      throw new DeviceUnavailableException(first.getMessage(), first.getCause());
    });
  }

  private Path makeFolder() {
    try {
      return Files.createTempDirectory("nlar-natives");
    } catch (IOException | SecurityException e) {
      throw new DeviceUnavailableException(product + "'s native library cannot be unpacked (" + e + "); "
          + otherFolder("that this user can write"), e);
    }
  }

  private static String otherFolder(String which) {
    return "start Java with -D" + TEMPORARY + "=FOLDER, naming a folder " + which + ", instead of "
        + System.getProperty(TEMPORARY);
  }

  private Optional<DeviceUnavailableException> load(String className, Path folder) {
    String property = FOLDER + Thread.currentThread().threadId();
    System.setProperty(property, folder.toString());
    Optional<DeviceUnavailableException> failure = Optional.empty();
    try {
      redirect();
      Class.forName(className, true, backend.lookupClass().getClassLoader());
    } catch (ClassNotFoundException | LinkageError | IllegalAccessException | RuntimeException e) {
      String reason = reason(e);
      failure = Optional.of(new DeviceUnavailableException(product + "'s native library for "
          + System.getProperty("os.name") + " on " + System.getProperty("os.arch") + " cannot be loaded (" + reason
          + "); " + remedy(reason), e));
    } finally {
      System.clearProperty(property);
      delete(folder);
    }
    outcomes.put(className, failure);
    return failure;
  }

  /** The innermost cause. LibUtils has none: it prints what failed into its message, two stack traces in a row. */
  private static String reason(Throwable failure) {
    Throwable innermost = failure;
    while (innermost.getCause() != null && innermost.getCause() != innermost) {
      innermost = innermost.getCause();
    }
    List<String> lines = String.valueOf(innermost.getMessage()).lines().map(String::strip).toList();
    int resource = lines.indexOf("Stack trace from the attempt to load the library as a resource:");
    return resource >= 0 && resource + 1 < lines.size()
        ? lines.get(resource + 1).replaceFirst("^java\\.(lang\\.UnsatisfiedLinkError|io\\.IOException): ", "")
        : innermost.getClass().getSimpleName() + ": " + lines.stream().findFirst().orElse("");
  }

  private String remedy(String reason) {
    if (reason.startsWith("No resource found")) {
      return "where " + product + " has none for this system, use another backend; else put the jar with its natives on"
          + " the class path";
    }
    if (FOLDER_REFUSES.stream().anyMatch(reason::contains)) {
      return otherFolder("with space that this user can write");
    }
    if (NOT_EXECUTABLE.stream().anyMatch(reason::contains)) {
      return otherFolder("on a file system that is not mounted noexec");
    }
    if (reason.contains("java.util.logging.")) {
      return "the Java runtime lacks the module java.logging; start Java with --add-modules java.logging, or make the"
          + " runtime with it";
    }
    return remedy;
  }

  /** Defines LibUtils, where that is not done yet. */
  private void redirect() throws IllegalAccessException {
    MethodHandles.Lookup inside = MethodHandles.privateLookupIn(anchor, backend);
    byte[] original;
    try (InputStream in = anchor.getResourceAsStream("LibUtils.class")) {
      if (in == null) {
        return; // a library of another build, which loads its natives in another way
      }
      original = in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    try {
      inside.defineClass(redirected(original));
    } catch (LinkageError e) {
      if (e.getClass() != LinkageError.class) {
        throw e;
      }
      // It is there already: through Nlar, perhaps of another class loader, or as the application has used it.
    }
  }

  /** A class with {@code System.getProperty("java.io.tmpdir")} replaced by the folder of the thread, if it has one. */
  static byte[] redirected(byte[] original) {
    ClassFile format = ClassFile.of();
    ClassModel model = format.parse(original);
    return format.transformClass(model, ClassTransform.transformingMethodBodies(
        UnpackedNatives::readsTemporary, CodeTransform.ofStateful(Redirection::new)));
  }

  private static boolean readsTemporary(MethodModel method) {
    return method.code().stream().flatMap(code -> code.elementStream()).anyMatch(UnpackedNatives::isTemporary);
  }

  private static boolean isTemporary(CodeElement element) {
    return element instanceof LoadConstantInstruction constant && TEMPORARY.equals(constant.constantValue());
  }

  private static final class Redirection implements CodeTransform {
    private boolean asking;

    @Override
    public void accept(CodeBuilder code, CodeElement element) {
      if (isTemporary(element)) {
        asking = true;
        code.loadConstant(FOLDER)
            .invokestatic(THREAD, "currentThread", MethodTypeDesc.of(THREAD))
            .invokevirtual(THREAD, "threadId", MethodTypeDesc.of(ConstantDescs.CD_long))
            .invokestatic(ConstantDescs.CD_Long, "toString", MethodTypeDesc.of(STRING, ConstantDescs.CD_long))
            .invokevirtual(STRING, "concat", MethodTypeDesc.of(STRING, STRING));
      }
      code.with(element);
      if (asking && element instanceof InvokeInstruction) {
        asking = false;
        code.invokestatic(SYSTEM, "getProperty", MethodTypeDesc.of(STRING, STRING, STRING));
      }
    }
  }

  /** A loaded library stays mapped when its file goes; where the system forbids that, the file goes when the JVM ends. */
  private static void delete(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      // What the JVM is to delete at its end it deletes in reverse order.
      List<Path> deepestLast = files.sorted().toList();
      for (Path file : deepestLast.reversed()) {
        file.toFile().delete();
      }
      deepestLast.stream().filter(Files::exists).forEach(file -> file.toFile().deleteOnExit());
    } catch (IOException | UncheckedIOException left) {
      System.getLogger(UnpackedNatives.class.getName())
          .log(System.Logger.Level.DEBUG, "unpacked libraries stay in " + folder, left);
    }
  }
}
