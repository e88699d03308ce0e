package io.nlar.bench.contest;

import io.nlar.DeviceInfo;
import io.nlar.cli.Sizes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToLongFunction;

/** Whether a race fits into memory, told before anything is allocated. */
public final class MemoryCheck {
  /** A part of the memory is left to the system. */
  private static final double USABLE = 0.9;
  private static final Path MEMORY_INFO = Path.of("/proc/meminfo");
  private static final String HOST = "host";

  private final ToLongFunction<DeviceInfo> available;

  /** A check against what the devices have, and of the host's memory what is free now. */
  public MemoryCheck() {
    this(MemoryCheck::available);
  }

  /** A check against given numbers of bytes that may be allocated. */
  MemoryCheck(ToLongFunction<DeviceInfo> available) {
    this.available = available;
  }

  /**
   * What of a race fits.
   *
   * @param race the race without the entrants for which there is no room; null where the essential ones do not fit
   * @param leftOut who or what was left out, with the arithmetic; empty if nothing was
   */
  public record Fit(RaceSpec race, Optional<String> leftOut) {}

  /** Leaves out entrants from the end, as many as it takes, but none of the essential ones. */
  public Fit fit(RaceSpec race) {
    Optional<String> whole = problem(race);
    RaceSpec part = race;
    Optional<String> problem = whole;
    while (problem.isPresent() && part.entrants().size() > race.essential()) {
      part = part.first(part.entrants().size() - 1);
      problem = problem(part);
    }
    if (problem.isPresent()) {
      return new Fit(null, Optional.of(problem.get() + "; take a smaller --size"));
    }
    if (whole.isEmpty()) {
      return new Fit(race, Optional.empty());
    }
    List<String> names = race.entrants().subList(part.entrants().size(), race.entrants().size()).stream()
        .filter(entrant -> entrant.unavailable(entrant.workload(race.workload())).isEmpty())
        .map(Entrant::name)
        .toList();
    return new Fit(part, Optional.of(String.join("; ", names) + ": " + whole.get()));
  }

  /** Bytes that are taken from one memory, and for what. */
  private static final class Account {
    private final DeviceInfo device;
    private final List<String> terms = new ArrayList<>();
    private long total;

    Account(DeviceInfo device) {
      this.device = device;
    }

    void add(long bytes, String what) {
      if (bytes > 0) {
        total = Math.addExact(total, bytes);
        terms.add(Sizes.bytes(bytes) + " " + what);
      }
    }
  }

  /** Why a race does not fit, with the arithmetic; empty if it does. */
  private Optional<String> problem(RaceSpec race) {
    Workload whole = race.workload();
    Map<String, Account> accounts = new LinkedHashMap<>();
    Set<Workload> opened = new LinkedHashSet<>();
    Set<Workload> shared = new LinkedHashSet<>();
    try {
      for (Entrant entrant : race.entrants()) {
        Workload workload = entrant.workload(whole);
        if (entrant.unavailable(workload).isEmpty()) {
          DeviceInfo device = workload.device();
          Account account = accounts.computeIfAbsent(
              device.nativeMemory() ? HOST : device.selector(), memory -> new Account(device));
          if (opened.add(workload)) {
            account.add(Math.multiplyExact(2, workload.arrayBytes()), "values and gradients");
          }
          if (entrant.sharesStep() && shared.add(workload)) {
            account.add(Tensors.sharedStateBytes(workload), "shared state");
          }
          account.add(entrant.memoryBytes(workload), entrant.name());
        }
      }
    } catch (ArithmeticException beyond) {
      return Optional.of(Sizes.count(whole.size()) + " parameters of " + whole.type()
          + " take more bytes than 64 bits count");
    }
    for (Account account : accounts.values()) {
      long usable = available.applyAsLong(account.device);
      if (account.total > usable) {
        return Optional.of(Sizes.count(whole.size()) + " parameters of " + whole.type() + " on "
            + account.device.selector() + " take " + String.join(" + ", account.terms) + " = "
            + Sizes.bytes(account.total) + ", but only " + Sizes.bytes(usable) + " can be used");
      }
    }
    return Optional.empty();
  }

  private static long available(DeviceInfo info) {
    long device = info.memoryBytes();
    if (!info.nativeMemory()) {
      return (long) (USABLE * device);
    }
    try {
      return (long) (USABLE * Math.min(device, Files.readAllLines(MEMORY_INFO).stream()
          .filter(line -> line.startsWith("MemAvailable:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
          .findFirst()
          .orElse(device)));
    } catch (IOException notLinux) {
      return (long) (USABLE * device);
    }
  }
}
