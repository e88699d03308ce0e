package io.nlar.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Files that are mounted for themselves, as containers do: the system does not let another file take their place. */
final class MountPoints {
  /** Linux' list of mounts; the place is the fifth word of a line, with blanks and the like in octal. */
  private static final Path LIST = Path.of("/proc/self/mountinfo");
  private static final int PLACE = 4;

  private MountPoints() {}

  /** Whether something is mounted at {@code real}, a path without links; false where that cannot be told. */
  static boolean contain(Path real) {
    String place = real.toString().replace("\\", "\\134").replace(" ", "\\040").replace("\t", "\\011")
        .replace("\n", "\\012");
    try (Stream<String> mounts = Files.lines(LIST, StandardCharsets.UTF_8)) {
      return mounts.map(line -> line.split(" ")).anyMatch(words -> words.length > PLACE && words[PLACE].equals(place));
    } catch (IOException | java.io.UncheckedIOException untold) {
      return false;
    }
  }
}
