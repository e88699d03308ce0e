package io.nlar.cli;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads names of files and folders; says why one cannot be a name here. */
final class PathConverter implements ITypeConverter<Path> {
  @Override
  public Path convert(String text) {
    if (text.isBlank()) {
      throw new TypeConversionException("it is empty; name a file or folder");
    }
    try {
      return Path.of(text);
    } catch (InvalidPathException invalid) {
      throw new TypeConversionException("'" + text + "' cannot be a name here: " + invalid.getReason()
          + ". In the locale of this process names are in " + System.getProperty("sun.jnu.encoding")
          + "; take another name, or another locale, for example LC_ALL=C.UTF-8");
    }
  }
}
