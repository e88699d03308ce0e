package io.nlar.experiments;

import io.nlar.cli.CommandFailedException;
import io.nlar.cli.OutputFile;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** Finds and reads files of a data set. Whether one is packed by gzip, its content says, whatever its name. */
final class DataFiles {
  private static final int[] GZIP = {0x1f, 0x8b};

  private final Path folder;
  private final List<Path> places = new ArrayList<>();

  /**
   * The files of a folder.
   *
   * @param below folders in it where the files may lie too, as downloads lay them out
   */
  DataFiles(Path folder, String... below) {
    if (!Files.isDirectory(folder)) {
      throw new CommandFailedException("the data folder " + folder + " is not there, or no folder");
    }
    this.folder = folder;
    places.add(folder);
    for (String name : below) {
      places.add(folder.resolve(name));
    }
  }

  /**
   * The file of the first of these names that exists, with .gz or without, in one of the places, there perhaps in a folder
   * of its own name.
   */
  Path find(String what, List<String> names) {
    for (Path place : places) {
      for (String name : names) {
        for (String candidate : List.of(name, name + ".gz", name + "/" + name, name + ".gz/" + name)) {
          Path file = place.resolve(candidate);
          if (Files.isRegularFile(file)) {
            return file;
          }
        }
      }
    }
    throw new CommandFailedException("the " + what + " are missing: put " + names.getFirst() + " (it may be packed: "
        + names.getFirst() + ".gz) into " + folder);
  }

  /** All bytes of a file, unpacked. */
  static byte[] read(Path file) {
    try (InputStream in = unpacked(new BufferedInputStream(Files.newInputStream(file)))) {
      return in.readAllBytes();
    } catch (EOFException | ZipException broken) {
      throw new CommandFailedException(file + " is packed by gzip, and truncated or damaged (" + broken.getMessage()
          + "); get it anew", broken);
    } catch (IOException failure) {
      throw new CommandFailedException("cannot read " + file + ": " + OutputFile.reason(failure), failure);
    }
  }

  private static InputStream unpacked(BufferedInputStream in) throws IOException {
    in.mark(GZIP.length);
    boolean packed = in.read() == GZIP[0] && in.read() == GZIP[1];
    in.reset();
    try {
      return packed ? new GZIPInputStream(in) : in;
    } catch (IOException failure) {
      in.close();
      throw failure;
    }
  }

  /** The first bytes of a file's content, for messages. */
  static String start(byte[] bytes) {
    return bytes.length == 0 ? "nothing" : HexFormat.of().formatHex(bytes, 0, Math.min(4, bytes.length));
  }
}
