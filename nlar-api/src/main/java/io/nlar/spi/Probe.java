package io.nlar.spi;

import io.nlar.DeviceInfo;
import java.util.List;

/** What a backend found on this machine. */
public sealed interface Probe {

  /**
   * The backend works.
   *
   * @param devices at least one
   * @param remarks what a user should know, for example why a slower path is taken; may be empty
   */
  record Available(List<DeviceInfo> devices, List<String> remarks) implements Probe {
    public Available {
      devices = List.copyOf(devices);
      remarks = List.copyOf(remarks);
      if (devices.isEmpty()) {
        throw new IllegalArgumentException("an available backend has at least one device");
      }
    }

    public Available(List<DeviceInfo> devices) {
      this(devices, List.of());
    }
  }

  /**
   * The backend does not work here.
   *
   * @param reason one sentence, with the remedy
   * @param cause what was caught; may be null
   */
  record Unavailable(String reason, Throwable cause) implements Probe {}
}
