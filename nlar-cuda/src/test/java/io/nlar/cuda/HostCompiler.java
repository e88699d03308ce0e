package io.nlar.cuda;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Compiles the kernels' sources and the shim by g++, two files at a time. An object file's name says what it was made of: what
 * another test process or an earlier build has made is taken.
 */
final class HostCompiler {
  static final Path SOURCES = Path.of("src/main/resources/io/nlar/cuda/kernels");
  static final Path SHIM = Path.of("src/test/cpp");

  private static final Path OUTPUT = Path.of("target/host-kernels");
  private static final List<String> COMMAND = List.of("g++", "-std=c++17", "-ffp-contract=off", "-Wall", "-Wextra",
      "-Werror", "-Wno-unknown-pragmas", "-I" + SHIM, "-I" + SOURCES);

  private final List<Path> objects = new ArrayList<>();
  private final Deque<Running> running = new ArrayDeque<>();

  /** A compiler at work on a file that gets its name when it is whole. */
  private record Running(Process process, Path part, Path object) {}

  /** Adds the object file of a source, of whose kind there may be several under different options. */
  void compile(Path source, List<String> options) {
    List<String> command = new ArrayList<>(COMMAND);
    command.addAll(options);
    if (source.toString().endsWith(".cu")) {
      command.addAll(List.of("-x", "c++", "-include", "cuda_on_host.h"));
    }
    command.addAll(List.of("-c", source.toString(), "-o"));
    Path object = OUTPUT.resolve(source.getFileName() + "-" + digest(command) + ".o");
    objects.add(object);
    if (Files.exists(object)) {
      return;
    }
    if (running.size() >= 2) {
      finishOne();
    }
    Path part = newFile(".o");
    command.add(part.toString());
    running.add(new Running(start(command), part, object));
  }

  /** A file of this process, beside the object files. */
  private static Path newFile(String suffix) {
    try {
      return Files.createTempFile(Files.createDirectories(OUTPUT), "part", suffix);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Links a shared library that is gone with this process. */
  static Path library(List<Path> objects) {
    Path library = newFile(".so").toAbsolutePath();
    library.toFile().deleteOnExit();
    link(objects, library, List.of("-shared"));
    return library;
  }

  /** The object files, all of them there. */
  List<Path> objects() {
    while (!running.isEmpty()) {
      finishOne();
    }
    return List.copyOf(objects);
  }

  private void finishOne() {
    Running first = running.removeFirst();
    await(first.process);
    try {
      Files.move(first.part, first.object, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Of the command, and of every file that may be included. */
  private static String digest(List<String> command) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      sha.update(String.join("\n", command).getBytes(StandardCharsets.UTF_8));
      for (Path folder : List.of(SOURCES, SOURCES.resolve("rules"), SHIM)) {
        try (Stream<Path> files = Files.list(folder)) {
          for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
            sha.update(Files.readAllBytes(file));
          }
        }
      }
      return HexFormat.of().formatHex(sha.digest(), 0, 16);
    } catch (IOException | NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
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
}
