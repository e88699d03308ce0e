package io.nlar.cuda.interpreter;

/**
 * How strong an access is.
 *
 * @param strong whether it may meet others of its kind at the same place and time
 * @param acquires whether what comes after it sees what the thread saw that wrote
 * @param releases whether whoever reads what it writes sees what came before it
 */
record Order(boolean strong, boolean acquires, boolean releases) {
  static final Order WEAK = new Order(false, false, false);

  /**
   * An order by its name in PTX, and its scope: towards threads of the same thread block only, an access counts as
   * strong, but orders nothing.
   */
  static Order of(String semantics, String scope) {
    boolean wide = !"cta".equals(scope);
    return switch (semantics) {
      case "weak" -> WEAK;
      case "volatile", "relaxed" -> new Order(true, false, false);
      case "acquire" -> new Order(true, wide, false);
      case "release" -> new Order(true, false, wide);
      case "acq_rel" -> new Order(true, wide, wide);
      default -> throw new IllegalArgumentException(semantics);
    };
  }
}
