package io.nlar.internal;

import io.nlar.StateFileException;
import java.util.ArrayList;
import java.util.List;

/** What does not fit between a file and a step: the first few in words, the rest as a number. */
final class Problems {
  private static final int SHOWN = 12;

  private final List<String> shown = new ArrayList<>();
  private int count;

  void add(String problem) {
    count++;
    if (shown.size() < SHOWN) {
      shown.add(StateFormat.shortened(problem));
    }
  }

  /** Adds one for each of the names, which takes the place of %s. */
  void add(UnknownNames names, String problem) {
    for (String name : names.first()) {
      add(problem.replace("%s", name));
    }
    count += names.count() - names.first().size();
  }

  /** Adds one that is shown in any case. */
  void addFirst(String problem) {
    count++;
    shown.addFirst(problem);
  }

  void throwIfAny(String introduction) {
    if (count > 0) {
      throw new StateFileException(introduction + String.join("; ", shown)
          + (count > shown.size() ? "; and " + (count - shown.size()) + " more" : ""));
    }
  }
}
