package io.nlar.cuda;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a check on a GPU found.
 *
 * @param fields of its JSON object: numbers, texts, booleans
 * @param state what that means for the whole
 */
record Finding(Map<String, Object> fields, State state) {
  /** How a check ended. */
  enum State { MET, SKIPPED, FAILED }

  /** A check that throws where it fails. */
  static Finding passed() {
    return new Finding(Map.of("passed", true), State.MET);
  }

  /** A check that throws where it fails, and has something to count. */
  static Finding passed(String what, long count) {
    return passed().after(what, count);
  }

  /** A check that cannot run here, or not any more. */
  static Finding skipped(String reason) {
    return new Finding(Map.of("skipped", reason), State.SKIPPED);
  }

  /** A check that found something wrong, or could not be done though it ought to. */
  static Finding failed(String reason) {
    return new Finding(Map.of("failed", reason), State.FAILED);
  }

  /** A figure by itself. */
  static Finding figure(String name, double value) {
    return new Finding(Map.of(name, rounded(value)), State.MET);
  }

  /** A figure that must not exceed a target. */
  static Finding atMost(String name, double value, double target) {
    return judged(name, value, "<= " + target, value <= target);
  }

  /** A figure that must reach a target. */
  static Finding atLeast(String name, double value, double target) {
    return judged(name, value, ">= " + target, value >= target);
  }

  private static Finding judged(String name, double value, String target, boolean met) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put(name, rounded(value));
    fields.put("target", target);
    fields.put("met", met);
    return new Finding(fields, met ? State.MET : State.FAILED);
  }

  /** To three places behind the point. */
  private static double rounded(double value) {
    return Double.isFinite(value) ? Math.round(value * 1e3) / 1e3 : value;
  }

  /** With a figure by itself before it. */
  Finding after(String name, double value) {
    return withFirst(name, rounded(value));
  }

  /** With a count before it. */
  Finding after(String name, long count) {
    return withFirst(name, count);
  }

  /** With a text before it. */
  Finding after(String name, String text) {
    return withFirst(name, text);
  }

  private Finding withFirst(String name, Object value) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put(name, value);
    all.putAll(fields);
    return new Finding(all, state);
  }
}
