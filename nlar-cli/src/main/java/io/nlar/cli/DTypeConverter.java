package io.nlar.cli;

import io.nlar.DType;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads element types as people write them. */
public final class DTypeConverter implements ITypeConverter<DType> {
  @Override
  public DType convert(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "float32", "f32", "float" -> DType.FLOAT32;
      case "float64", "f64", "double" -> DType.FLOAT64;
      default -> throw new TypeConversionException("'" + text + "' is no element type; use float32 or float64");
    };
  }

  /** The name that {@link #convert} reads back, for example {@code float32}. */
  public static String name(DType type) {
    return type.name().toLowerCase(Locale.ROOT);
  }
}
