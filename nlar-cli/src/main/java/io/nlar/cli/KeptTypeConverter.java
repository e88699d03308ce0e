package io.nlar.cli;

import io.nlar.DType;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads element types as people write them, also those that are only kept in memory. */
public final class KeptTypeConverter implements ITypeConverter<DType> {
  @Override
  public DType convert(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "float32", "f32", "float" -> DType.FLOAT32;
      case "float64", "f64", "double" -> DType.FLOAT64;
      case "bfloat16", "bf16" -> DType.BFLOAT16;
      case "float16", "f16", "half" -> DType.FLOAT16;
      default -> throw new TypeConversionException(
          "'" + text + "' is no element type; use float32, float64, bfloat16 or float16");
    };
  }
}
