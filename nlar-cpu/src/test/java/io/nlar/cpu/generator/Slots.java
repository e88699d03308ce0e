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
      case "UPDATE" -> "updates";
      default -> "memory";
    };
  }

  /** A part of a template for one slot. */
  static String fill(String section, String slot, String guard) {
    String times = slot.equals("RATE") ? "" : ".mul(ShortVector.broadcast(HALVES, Rounding." + slot + "))";
    String scalarTimes = slot.equals("RATE") ? "" : " * Rounding." + slot;
    return section.replace("$NAME$", slot.toLowerCase(Locale.ROOT)).replace("$GUARD$", guard).replace("$PLACE$", "(1 + " + slot + ")")
        .replace("$TIMES$", times).replace("$SCALAR_TIMES$", scalarTimes);
  }

  /** The variable in which a packed kernel has what a slot holds; the noise's name is free for a rule's scalar. */
  static String variable(String slot) {
    return slot.equals("EPSILON") ? "drawn" : slot.toLowerCase(Locale.ROOT);
  }

  /** Whether a packed kernel's frame stores it, or nobody does. */
  static boolean storedByFrame(String slot) {
    return slot.equals("GRADIENT") || slot.equals("UPDATE");
  }

  /** The variable with a slot's address. */
  static String address(String slot) {
    return slot.toLowerCase(Locale.ROOT) + "At";
  }
}
