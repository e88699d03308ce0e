package io.nlar.cuda;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** The kernels' sources compiled for the host by g++, loaded into this process. */
final class HostKernels {
  private static final Path SOURCES = Path.of("src/main/resources/io/nlar/cuda/kernels");
  private static final Path SHIM = Path.of("src/test/cpp");
  private static final Path OUTPUT = Path.of("target/host-kernels");

  private static final List<String> RELEASE = List.of("-O2", "-fPIC");

  private static List<Path> release;
  private static HostKernels loaded;

  private final SymbolLookup library;
  private final MethodHandle launch;
  private final MethodHandle allocate;
  private final MethodHandle free;

  private HostKernels(Path file) {
    Linker linker = Linker.nativeLinker();
    library = SymbolLookup.libraryLookup(file, Arena.global());
    launch = linker.downcallHandle(symbol("nlar_host_launch"), FunctionDescriptor.ofVoid(ValueLayout.ADDRESS,
        ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
    allocate = linker.downcallHandle(symbol("nlar_host_allocate"),
        FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
    free = linker.downcallHandle(symbol("nlar_host_free"), FunctionDescriptor.ofVoid(ValueLayout.JAVA_LONG));
  }

  /** Whether g++ is on the path. */
  static boolean available() {
    try {
      return new ProcessBuilder("g++", "--version").redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor() == 0;
    } catch (IOException absent) {
      return false;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Compiles, once a process, and loads. */
  static synchronized HostKernels load() {
    if (loaded == null) {
      Path file = OUTPUT.resolve("libnlarhost.so").toAbsolutePath();
      link(release(), file, List.of("-shared"));
      loaded = new HostKernels(file);
    }
    return loaded;
  }

  /** The object files of kernels and shim for a shared library, compiled once a process. */
  static synchronized List<Path> release() {
    if (release == null) {
      release = compile("release", RELEASE, module -> true);
    }
    return release;
  }

  /** Links a shared library of kernels, shim and one more source. */
  static void linkWith(Path source, Path library, List<String> options) {
    List<Path> objects = new ArrayList<>(release());
    List<Process> compilers = new ArrayList<>();
    try {
      compile(OUTPUT.resolve(source.getFileName() + ".o"), source, RELEASE, compilers, objects);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    compilers.forEach(HostKernels::await);
    link(objects, library, options);
  }

  /** Compiles a source that needs no kernels into a shared library of its own. */
  static Path shared(Path source) {
    try {
      Path folder = Files.createDirectories(OUTPUT);
      List<Process> compilers = new ArrayList<>();
      List<Path> objects = new ArrayList<>();
      compile(folder.resolve(source.getFileName() + ".o"), source, RELEASE, compilers, objects);
      compilers.forEach(HostKernels::await);
      Path library = folder.resolve("lib" + source.getFileName() + ".so").toAbsolutePath();
      link(objects, library, List.of("-shared"));
      return library;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Compiles kernels, shim and {@code extra} sources with further options; returns the object files.
   *
   * @param modules of the updates' modules, named by storage and rule, those that are wanted
   */
  static List<Path> compile(String folder, List<String> options, Predicate<String> modules, Path... extra) {
    try {
      Path objects = Files.createDirectories(OUTPUT.resolve(folder));
      List<Process> compilers = new ArrayList<>();
      List<Path> results = new ArrayList<>();
      compile(objects.resolve("shim.o"), SHIM.resolve("cuda_on_host.cpp"), options, compilers, results);
      for (Path source : extra) {
        compile(objects.resolve(source.getFileName() + ".o"), source, options, compilers, results);
      }
      compile(objects.resolve("square_sum.o"), SOURCES.resolve("square_sum.cu"), options, compilers, results);
      for (String storage : Ptx.STORAGES) {
        for (String rule : Ptx.RULES) {
          String module = storage + "_" + rule;
          if (!Ptx.known(storage, rule) || !modules.test(module)) {
            continue;
          }
          List<String> all = new ArrayList<>(options);
          all.addAll(List.of("-DNLAR_RULE=" + rule, "-DNLAR_STORAGE=" + storage));
          if (storage.contains("_s")) {
            all.add("-DNLAR_STATE=" + storage.substring(storage.length() - 2));
          }
          compile(objects.resolve(module + ".o"), SOURCES.resolve("apply.cu"), all, compilers, results);
        }
      }
      for (Process compiler : compilers) {
        await(compiler);
      }
      return results;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void compile(
      Path object, Path source, List<String> options, List<Process> compilers, List<Path> results) throws IOException {
    List<String> command = new ArrayList<>(List.of("g++", "-std=c++17", "-ffp-contract=off", "-Wall", "-Wextra",
        "-Werror", "-Wno-unknown-pragmas", "-I" + SHIM, "-I" + SOURCES));
    command.addAll(options);
    if (source.toString().endsWith(".cu")) {
      command.addAll(List.of("-x", "c++", "-include", "cuda_on_host.h"));
    }
    command.addAll(List.of("-c", source.toString(), "-o", object.toString()));
    if (compilers.size() >= 2) {
      await(compilers.removeFirst());
    }
    compilers.add(start(command));
    results.add(object);
  }

  static void link(List<Path> objects, Path output, List<String> options) {
    List<String> command = new ArrayList<>(List.of("g++"));
    command.addAll(options);
    objects.forEach(object -> command.add(object.toString()));
    command.addAll(List.of("-o", output.toString()));
    await(start(command));
  }

  private static Process start(List<String> command) {
    try {
      return new ProcessBuilder(command).inheritIO().start();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void await(Process process) {
    try {
      if (!process.waitFor(5, TimeUnit.MINUTES) || process.exitValue() != 0) {
        throw new IllegalStateException("failed: " + process.info().commandLine().orElse("g++"));
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private MemorySegment symbol(String name) {
    return library.find(name).orElseThrow(() -> new IllegalArgumentException("no kernel " + name));
  }

  /** A kernel's entry point. */
  MemorySegment kernel(String name) {
    return symbol(name);
  }

  void launch(MemorySegment kernel, int blocks, int threads, MemorySegment arguments, int stride) {
    try {
      launch.invokeExact(kernel, blocks, threads, arguments, stride);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  long allocate(long bytes) {
    try {
      return (long) allocate.invokeExact(bytes);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  void free(long address) {
    try {
      free.invokeExact(address);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
