package io.nlar.experiments;

import io.nlar.bench.cli.CommandFailedException;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** Finds and reads files of a data set, plain or compressed (.gz). */
final class DataFiles {
  private final Path folder;

  DataFiles(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new CommandFailedException("the data folder " + folder + " is not there, or no folder");
    }
    this.folder = folder;
  }

  /** The file of the first of these names that exists, plain or with .gz, in the folder or one of {@code below}. */
  Path find(String what, List<String> names, String... below) {
    List<Path> folders = new ArrayList<>(List.of(folder));
    for (String name : below) {
      folders.add(folder.resolve(name));
    }
    for (Path candidate : folders) {
      for (String name : names) {
        for (String ending : new String[] {"", ".gz"}) {
          Path file = candidate.resolve(name + ending);
          if (Files.isRegularFile(file)) {
            return file;
          }
        }
      }
    }
    throw new CommandFailedException("the " + what + " are missing: put " + names.getFirst() + " or "
        + names.getFirst() + ".gz into " + folder);
  }

  /** All bytes of a file, unpacked. */
  static byte[] read(Path file) throws IOException {
    try (InputStream in = open(file)) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      in.transferTo(bytes);
      return bytes.toByteArray();
    } catch (EOFException | ZipException broken) {
      throw new CommandFailedException(file + " is truncated or no gzip file (" + broken.getMessage()
          + "); get it anew", broken);
    }
  }

  private static InputStream open(Path file) throws IOException {
    InputStream in = new BufferedInputStream(Files.newInputStream(file));
    if (!file.toString().endsWith(".gz")) {
      return in;
    }
    try {
      return new GZIPInputStream(in);
    } catch (IOException failure) {
      in.close();
      throw failure;
    }
  }
}
