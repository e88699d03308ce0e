package io.nlar.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

/** Which running system and which process this is, as file names say it. */
final class WriterIdentity {
  /** Differs between machines and between boots of one, in all containers the same; null where the system has no such. */
  static final String KERNEL = kernel();
  /** Differs between processes of one kernel, also where containers give them the same number. */
  static final String PROCESS = process();

  private WriterIdentity() {}

  private static String kernel() {
    try {
      String id = Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip().replace("-", "");
      return id.matches("[0-9a-f]{32}") ? id : null;
    } catch (IOException | SecurityException notLinux) {
      return null;
    }
  }

  private static String process() {
    ProcessHandle self = ProcessHandle.current();
    return Long.toHexString(self.pid()) + "."
        + Long.toHexString(self.info().startInstant().orElse(Instant.EPOCH).toEpochMilli());
  }
}
