package io.nlar.cuda;

import io.nlar.DType;
import io.nlar.Storage;
import io.nlar.spi.Codes;
import io.nlar.spi.queue.Variant;

/** How the PTX modules and the kernels in them are called. */
final class KernelNames {
  /** The module of the reductions. */
  static final String SUMS = "square_sum";

  private KernelNames() {}

  /** The kernel of a reduction. */
  static String sums(DType gradient) {
    return "nlar_" + SUMS + "_" + suffix(gradient);
  }

  /** The module that holds the kernel of an update: another one where updates are written instead of values. */
  static String module(Variant variant) {
    return "apply_" + storage(variant.storage()) + (variant.updates() ? "u" : "") + "_" + variant.rule();
  }

  /** The kernel of an update. Narrow storage has one for both kinds of noise. */
  static String update(Variant variant) {
    return "nlar_" + module(variant) + "_" + variant.form() + switch (variant.noise()) {
      case Codes.NOISE_NONE -> "";
      case Codes.NOISE_FROZEN -> narrow(variant.storage()) ? "_noise" : "_frozen";
      case Codes.NOISE_FRESH -> narrow(variant.storage()) ? "_noise" : "_fresh";
      default -> throw new IllegalArgumentException("no kind of noise has the code " + variant.noise());
    };
  }

  /** Whether anything is kept in 16 bits. Kernels of such storage take gradients of any type and either noise. */
  static boolean narrow(Storage storage) {
    return !storage.equals(Storage.of(storage.arithmetic()));
  }

  /** The part of names that stands for a storage: of any gradients where it is {@linkplain #narrow narrow}. */
  static String storage(Storage storage) {
    String value = suffix(storage.value());
    return narrow(storage)
        ? value + switch (storage.master()) {
          case NONE, AUTO -> "";
          case REMAINDER -> "r";
          case FLOAT32 -> "m";
        } + "_s" + 8 * storage.state().bytes()
        : value;
  }

  /** The part of kernel names that stands for an element type. */
  static String suffix(DType type) {
    return switch (type) {
      case FLOAT32 -> "f32";
      case FLOAT64 -> "f64";
      case BFLOAT16 -> "bf16";
      case FLOAT16 -> "f16";
      case UINT16 -> throw new IllegalArgumentException(type + " is no type of values or gradients");
    };
  }
}
