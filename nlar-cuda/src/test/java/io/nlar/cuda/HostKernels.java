package io.nlar.cuda;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** The kernels' sources compiled for the host by g++, loaded into this process. */
final class HostKernels {
  private static final List<String> RELEASE = List.of("-O2", "-fPIC");

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
      loaded = new HostKernels(HostCompiler.library(release()));
    }
    return loaded;
  }

  /** The object files of kernels and shim for a shared library. */
  static List<Path> release() {
    return compile(RELEASE, module -> true);
  }

  /** Links a shared library of kernels, shim and one more source. */
  static void linkWith(Path source, Path library, List<String> options) {
    List<Path> objects = new ArrayList<>(release());
    HostCompiler compiler = new HostCompiler();
    compiler.compile(source, RELEASE);
    objects.addAll(compiler.objects());
    HostCompiler.link(objects, library, options);
  }

  /** Compiles a source that needs no kernels into a shared library of its own. */
  static Path shared(Path source) {
    HostCompiler compiler = new HostCompiler();
    compiler.compile(source, RELEASE);
    return HostCompiler.library(compiler.objects());
  }

  /**
   * Compiles kernels, shim and {@code extra} sources with further options; returns the object files.
   *
   * @param modules of the updates' modules, named by storage and rule, those that are wanted
   */
  static List<Path> compile(List<String> options, Predicate<String> modules, Path... extra) {
    HostCompiler compiler = new HostCompiler();
    compiler.compile(HostCompiler.SHIM.resolve("cuda_on_host.cpp"), options);
    for (Path source : extra) {
      compiler.compile(source, options);
    }
    compiler.compile(HostCompiler.SOURCES.resolve("square_sum.cu"), options);
    for (String storage : Ptx.STORAGES) {
      for (String rule : Ptx.RULES) {
        if (!Ptx.known(storage, rule) || !modules.test(storage + "_" + rule)) {
          continue;
        }
        List<String> all = new ArrayList<>(options);
        all.addAll(List.of("-DNLAR_RULE=" + rule, "-DNLAR_STORAGE=" + storage));
        if (storage.contains("_s")) {
          all.add("-DNLAR_STATE=" + storage.substring(storage.length() - 2));
        }
        compiler.compile(HostCompiler.SOURCES.resolve("apply.cu"), all);
      }
    }
    return compiler.objects();
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
