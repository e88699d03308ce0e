package io.nlar;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Why backends could not be loaded by a class loader. Each reason is a line in the log, once. */
final class LoadFailures {
  /** More than there are backends anywhere. */
  private static final int MOST = 20;
  private static final int DEEPEST = 10;
  /** A class loader may fail in other words every time. */
  private static final int MOST_LINES = 200;
  /** How {@link java.util.ServiceLoader} ends a message about a class that implements another copy of the interface. */
  private static final String OTHER_COPY = " not a subtype";

  private static final System.Logger LOGGER = System.getLogger(Backends.class.getName());
  private static final Set<String> LOGGED = ConcurrentHashMap.newKeySet();

  private final List<Throwable> failures = new ArrayList<>();
  private final List<String> otherCopies = new ArrayList<>();

  /** Takes up a failure; whether it is worth going on, which it is not behind one that comes again and again. */
  boolean add(Throwable failure) {
    String message = String.valueOf(failure.getMessage());
    if (message.endsWith(OTHER_COPY)) {
      String words = message.substring(0, message.length() - OTHER_COPY.length());
      otherCopies.add(words.substring(words.lastIndexOf(' ') + 1));
    } else if (failures.isEmpty() || !failures.getLast().toString().equals(failure.toString())) {
      failures.add(failure);
    } else {
      return false;
    }
    return failures.size() + otherCopies.size() < MOST;
  }

  void log() {
    if (!otherCopies.isEmpty()) {
      log("the thread's context class loader brings another copy of Nlar, whose backends ("
          + String.join(", ", otherCopies) + ") do not fit this one and are left out; have nlar-api and the backends in"
          + " one class loader", null);
    }
    for (Throwable failure : failures) {
      String causes = Stream.iterate(failure, Objects::nonNull, Throwable::getCause).limit(DEEPEST)
          .map(Throwable::toString).collect(Collectors.joining(": "));
      log("a backend cannot be loaded and is left out: " + causes.replaceAll("\\R\\s*", " "), failure);
    }
  }

  private static void log(String line, Throwable details) {
    if (LOGGED.size() < MOST_LINES && LOGGED.add(line)) {
      LOGGER.log(System.Logger.Level.WARNING, line);
      if (details != null) {
        LOGGER.log(System.Logger.Level.DEBUG, "where that was", details);
      }
    }
  }
}
