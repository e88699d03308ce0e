package io.nlar.cpu;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The control groups that limit this process's memory: how Linux keeps a container within its share. */
final class ControlGroups {
  private static final String VERSION_1 = "memory";

  /** The names of a group's files: version 2 and version 1 of the interface. */
  private enum Version {
    ONE("memory.limit_in_bytes", "memory.usage_in_bytes", "total_"),
    TWO("memory.max", "memory.current", "");

    private final String limit;
    private final String usage;
    private final String prefix;

    Version(String limit, String usage, String prefix) {
      this.limit = limit;
      this.usage = usage;
      this.prefix = prefix;
    }
  }

  private record Group(Path folder, Version version) {

    /** The limit in bytes; {@link Long#MAX_VALUE} without one. */
    long limit() {
      String limit = read(version.limit).strip();
      return limit.equals("max") ? Long.MAX_VALUE : Long.parseLong(limit);
    }

    /** What the limit leaves. Cached files count as used, but give way. */
    long available() {
      long files = 0;
      for (String line : read("memory.stat").split("\n")) {
        if (line.startsWith(version.prefix + "inactive_file ") || line.startsWith(version.prefix + "active_file ")) {
          files += Long.parseLong(line.substring(line.indexOf(' ') + 1).strip());
        }
      }
      long used = Math.max(0, Long.parseLong(read(version.usage).strip()) - files);
      return Math.max(0, limit() - used);
    }

    private String read(String file) {
      try {
        return Files.readString(folder.resolve(file));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private final List<Group> limited = new ArrayList<>();

  /**
   * Finds the groups that have a limit below the machine's memory.
   *
   * @param self the file that names the process's groups
   * @param root where the groups' folders lie
   * @param machine the machine's memory in bytes
   */
  ControlGroups(Path self, Path root, long machine) {
    try {
      for (String line : Files.readAllLines(self)) {
        // number:controllers:path, where version 2 has number 0 and no controllers
        String[] parts = line.split(":", 3);
        if (parts.length == 3 && parts[1].isEmpty()) {
          addLimited(root, parts[2], Version.TWO, machine);
        } else if (parts.length == 3 && List.of(parts[1].split(",")).contains(VERSION_1)) {
          addLimited(root.resolve(VERSION_1), parts[2], Version.ONE, machine);
        }
      }
    } catch (IOException | UncheckedIOException | NumberFormatException none) {
      // Not Linux, or nothing to be seen that is understood: no limits.
    }
  }

  /** A group and those around it; inside a container its own is often all there is, and is the root. */
  private void addLimited(Path root, String path, Version version, long machine) {
    Path own = root.resolve(path.substring(path.startsWith("/") ? 1 : 0)).normalize();
    for (Path folder = own.startsWith(root) ? own : root; folder.startsWith(root); folder = folder.getParent()) {
      Group group = new Group(folder, version);
      if (Files.isReadable(folder.resolve(version.limit)) && group.limit() < machine) {
        limited.add(group);
      }
    }
  }

  /** The tightest limit, in bytes; {@link Long#MAX_VALUE} without one. */
  long limit() {
    long tightest = Long.MAX_VALUE;
    for (Group group : limited) {
      try {
        tightest = Math.min(tightest, group.limit());
      } catch (UncheckedIOException | NumberFormatException unreadable) {
        // As below.
      }
    }
    return tightest;
  }

  /** What the tightest limit leaves, in bytes; {@link Long#MAX_VALUE} without a limit. */
  long available() {
    long available = Long.MAX_VALUE;
    for (Group group : limited) {
      try {
        available = Math.min(available, group.available());
      } catch (UncheckedIOException | NumberFormatException unreadable) {
        // The limit cannot be told; the system still keeps it.
      }
    }
    return available;
  }
}
