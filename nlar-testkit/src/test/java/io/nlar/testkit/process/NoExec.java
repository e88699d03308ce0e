package io.nlar.testkit.process;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.opentest4j.TestAbortedException;

/** Processes that see a folder as an empty file system from which no library may be loaded. */
public final class NoExec {
  private NoExec() {}

  /**
   * The process, in a view of the file systems of its own. Skips the test where this user may not make one.
   *
   * @param folder where the file system is mounted
   */
  public static ProcessBuilder mounted(ProcessBuilder process, Path folder) throws IOException, InterruptedException {
    if (!succeeds(within(folder, List.of("true")))) {
      throw new TestAbortedException("skipped where this user may mount nothing (root may, with unshare and mount)");
    }
    return process.command(within(folder, process.command()));
  }

  private static List<String> within(Path folder, List<String> command) {
    List<String> all = new ArrayList<>(List.of("unshare", "--mount", "sh", "-c",
        "mount -t tmpfs -o noexec nothing \"$0\" && exec \"$@\"", folder.toString()));
    all.addAll(command);
    return all;
  }

  private static boolean succeeds(List<String> command) throws InterruptedException {
    try {
      return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
