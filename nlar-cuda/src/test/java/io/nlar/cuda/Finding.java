package io.nlar.cuda;

import java.util.Locale;

/**
 * What a check on a GPU found.
 *
 * @param fields of its JSON object
 * @param met whether everything held that must hold
 */
record Finding(String fields, boolean met) {

  /** A check that throws where it fails. */
  static Finding passed() {
    return new Finding("\"passed\": true", true);
  }

  /** A check that throws where it fails, and has something to count. */
  static Finding passed(String what, long count) {
    return new Finding("\"" + what + "\": " + count + ", \"passed\": true", true);
  }

  /** A check that this GPU cannot run. */
  static Finding skipped(String reason) {
    return new Finding("\"skipped\": \"" + reason + "\"", true);
  }

  /** A figure by itself. */
  static Finding figure(String name, double value) {
    return new Finding(field(name, value), true);
  }

  /** A figure that must not exceed a target. */
  static Finding atMost(String name, double value, double target) {
    return judged(name, value, "<= ", target, value <= target);
  }

  /** A figure that must reach a target. */
  static Finding atLeast(String name, double value, double target) {
    return judged(name, value, ">= ", target, value >= target);
  }

  private static Finding judged(String name, double value, String relation, double target, boolean met) {
    return new Finding(
        field(name, value) + ", \"target\": \"" + relation + target + "\", \"met\": " + met, met);
  }

  private static String field(String name, double value) {
    return String.format(Locale.ROOT, "\"%s\": %.3f", name, value);
  }

  /** With a figure by itself before it. */
  Finding after(String name, double value) {
    return new Finding(field(name, value) + ", " + fields, met);
  }
}
