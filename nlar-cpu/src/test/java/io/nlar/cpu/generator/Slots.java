package io.nlar.cpu.generator;

import java.util.Locale;

/** Where kernels find what a rule loads and stores. */
final class Slots {
  private Slots() {}

  /** The memory that holds a slot. */
  static String memory(String slot) {
    return switch (slot) {
      case "VALUE" -> "values";
      case "GRADIENT" -> "gradients";
      default -> "memory";
    };
  }

  /** The variable with a slot's address. */
  static String address(String slot) {
    return slot.toLowerCase(Locale.ROOT) + "At";
  }
}
