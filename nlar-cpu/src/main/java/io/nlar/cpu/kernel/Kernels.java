package io.nlar.cpu.kernel;

import io.nlar.DType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles.Lookup;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Loads kernels, each variant once in a JVM's life; the number of variants bounds what is kept. */
public final class Kernels {
  private static final long AFTER = Takeover.after();
  private static final Map<ApplyKernel.Variant, ApplyKernel> APPLY = new ConcurrentHashMap<>();
  private static final Map<SumKernel.Variant, SumKernel> SUMS = new ConcurrentHashMap<>();
  private static final Map<ProductKernel.Variant, ProductKernel> PRODUCTS = new ConcurrentHashMap<>();
  private static final Map<NoiseKernel.Variant, NoiseKernel> NOISE = new ConcurrentHashMap<>();

  private Kernels() {}

  /** The kernel of a variant; one on vectors begins as its scalar twin ({@link Takeover}). */
  public static ApplyKernel apply(ApplyKernel.Variant variant) {
    ApplyKernel twin = variant.vectorBits() > 0 && AFTER > 0 ? apply(variant.scalar()) : null;
    return APPLY.computeIfAbsent(variant, v -> {
      ApplyKernel kernel = (ApplyKernel) load(
          v.rule() + suffix(v.packed() ? DType.BFLOAT16 : v.storage().arithmetic(), v.vectorBits()), v);
      return twin == null ? kernel : new LateApplyKernel(twin, kernel, AFTER);
    });
  }

  /** The kernel of a variant; one on vectors begins as its scalar twin ({@link Takeover}). */
  public static SumKernel sums(SumKernel.Variant variant) {
    SumKernel twin = variant.vectorBits() > 0 && AFTER > 0 ? sums(variant.scalar()) : null;
    return SUMS.computeIfAbsent(variant, v -> {
      SumKernel kernel = (SumKernel) load("Sums" + suffix(v.type(), v.vectorBits()), v);
      return twin == null ? kernel : new LateSumKernel(twin, kernel, AFTER);
    });
  }

  /** The kernel of a variant; one on vectors begins as its scalar twin ({@link Takeover}). */
  public static ProductKernel products(ProductKernel.Variant variant) {
    ProductKernel twin = variant.vectorBits() > 0 && AFTER > 0 ? products(variant.scalar()) : null;
    return PRODUCTS.computeIfAbsent(variant, v -> {
      ProductKernel kernel = (ProductKernel) load("Products" + suffix(v.type(), v.vectorBits()), v);
      return twin == null ? kernel : new LateProductKernel(twin, kernel, AFTER);
    });
  }

  /** The kernel of a variant, which is not {@linkplain NoiseKernel#ready ready} at first ({@link Takeover}). */
  public static NoiseKernel noise(NoiseKernel.Variant variant) {
    return NOISE.computeIfAbsent(variant, v -> {
      NoiseKernel kernel = (NoiseKernel) load("Noise" + suffix(v.type(), v.vectorBits()), v);
      return AFTER == 0 ? kernel : new LateNoiseKernel(v, kernel, AFTER);
    });
  }

  private static String suffix(DType type, int vectorBits) {
    String element = switch (type) {
      case FLOAT32 -> "Float";
      case FLOAT64 -> "Double";
      case BFLOAT16 -> "Packed";
      case FLOAT16, UINT16 -> throw new IllegalArgumentException("nothing is computed with " + type);
    };
    return element + (vectorBits == 0 ? "Scalar" : "Vector");
  }

  /** Defines a class of this package anew, with {@code variant} as the data of its static constants. */
  private static Object load(String simpleName, Object variant) {
    try (InputStream in = Kernels.class.getResourceAsStream(simpleName + ".class")) {
      if (in == null) {
        throw new IllegalStateException("the class " + simpleName + " is missing beside " + Kernels.class.getName()
            + "; the nlar-cpu jar is incomplete");
      }
      Lookup lookup = MethodHandles.lookup().defineHiddenClassWithClassData(in.readAllBytes(), variant, true);
      return lookup.findConstructor(lookup.lookupClass(), MethodType.methodType(void.class)).invoke();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("the kernel " + simpleName + " cannot be loaded for " + variant, e);
    }
  }

  /** The variant that a kernel class was loaded for: its class data. */
  static <V> V variant(Lookup lookup, Class<V> type) {
    try {
      return MethodHandles.classData(lookup, java.lang.constant.ConstantDescs.DEFAULT_NAME, type);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }
}
