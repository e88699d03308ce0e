package io.nlar.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ControlGroupsTest {
  private static final long MACHINE = 1_000_000;

  @TempDir
  private Path folder;
  private Path root;

  @BeforeEach
  void makeRoot() throws IOException {
    root = Files.createDirectory(folder.resolve("cgroup"));
  }

  private long available(String self) throws IOException {
    return new ControlGroups(Files.writeString(folder.resolve("self"), self), root, MACHINE).available();
  }

  private void group(String path, String limitFile, String limit, String usageFile, long usage, String stat)
      throws IOException {
    Path group = Files.createDirectories(root.resolve(path));
    Files.writeString(group.resolve(limitFile), limit + "\n");
    Files.writeString(group.resolve(usageFile), usage + "\n");
    Files.writeString(group.resolve("memory.stat"), stat);
  }

  private void version2(String path, String limit, long usage, String stat) throws IOException {
    group(path, "memory.max", limit, "memory.current", usage, stat);
  }

  private void version1(String path, String limit, long usage, String stat) throws IOException {
    group(path, "memory.limit_in_bytes", limit, "memory.usage_in_bytes", usage, stat);
  }

  @Test
  void aContainersLimitHoldsAndItsCachedFilesGiveWay() throws IOException {
    version2("", "5000", 4000, "anon 100\ninactive_file 700\nactive_file 300\nfile 9999\n");
    assertEquals(2000, available("0::/\n"));
    assertEquals(2000, available("0::/../elsewhere\n"), "what lies outside is not seen");
    assertEquals(2000, available("0::/not/mounted\n"));
  }

  @Test
  void theTightestGroupAroundTheProcessCounts() throws IOException {
    version2("a", "5000", 4500, "");
    version2("a/b", "max", 100, "");
    version2("a/b/c", "900", 100, "");
    version2("a/other", "10", 10, "");
    assertEquals(500, available("0::/a/b/c\n"));
    version2("a", "5000", 6000, "");
    assertEquals(0, available("0::/a/b/c\n"));
  }

  @Test
  void theFirstVersionIsUnderstoodToo() throws IOException {
    version1("memory/pod", "8000", 6000, "inactive_file 1\ntotal_inactive_file 500\ntotal_active_file 500\n");
    version1("memory", "9223372036854771712", 6000, "");
    assertEquals(3000, available("5:cpu,cpuacct:/x\n4:memory:/pod\n0::/\n"));
  }

  @Test
  void theTightestLimitIsTold() throws IOException {
    version2("a", "5000", 4500, "");
    version2("a/b", "900", 100, "");
    ControlGroups groups = new ControlGroups(Files.writeString(folder.resolve("self"), "0::/a/b\n"), root, MACHINE);
    assertEquals(900, groups.limit());
  }

  @Test
  void whatIsNotUnderstoodLimitsNothing() throws IOException {
    version2("a", "plenty", 4500, "");
    assertEquals(Long.MAX_VALUE, available("0::/a\n"));
  }

  @Test
  void withoutALimitThereIsNone() throws IOException {
    version2("", "max", 100, "");
    version1("memory", "9223372036854771712", 100, "");
    version2("a", "" + MACHINE, 100, "");
    assertEquals(Long.MAX_VALUE, available("4:memory:/\n0::/a\n"));
    assertEquals(Long.MAX_VALUE, available(""));
    assertEquals(Long.MAX_VALUE, new ControlGroups(folder.resolve("none"), root, MACHINE).available());
    assertEquals(Long.MAX_VALUE, new ControlGroups(folder.resolve("none"), root, MACHINE).limit());
  }

  @Test
  void thisProcessHasMemoryLeft() {
    long available = Machine.availableMemory();
    assertTrue(available > 0 && available <= Machine.memory(), available + " of " + Machine.memory());
  }
}
