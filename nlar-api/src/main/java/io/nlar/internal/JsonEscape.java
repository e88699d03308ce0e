package io.nlar.internal;

import java.io.IOException;
import java.io.Writer;

/** Writes what stands inside the quotes of a JSON text. */
final class JsonEscape extends Writer {
  private final Writer out;

  /** Escapes everything and passes it on to {@code out}, which stays open. */
  JsonEscape(Writer out) {
    this.out = out;
  }

  /** Writes a whole text with its quotes. */
  static void text(Writer out, String text) throws IOException {
    out.write('"');
    new JsonEscape(out).write(text);
    out.write('"');
  }

  @Override
  public void write(char[] chars, int offset, int length) throws IOException {
    int plain = offset;
    for (int i = offset; i < offset + length; i++) {
      char c = chars[i];
      if (c < ' ' || c == '"' || c == '\\') {
        out.write(chars, plain, i - plain);
        out.write(escape(c));
        plain = i + 1;
      }
    }
    out.write(chars, plain, offset + length - plain);
  }

  private static String escape(char c) {
    return switch (c) {
      case '"' -> "\\\"";
      case '\\' -> "\\\\";
      case '\b' -> "\\b";
      case '\f' -> "\\f";
      case '\n' -> "\\n";
      case '\r' -> "\\r";
      case '\t' -> "\\t";
      default -> "\\u%04X".formatted((int) c);
    };
  }

  @Override
  public void flush() throws IOException {
    out.flush();
  }

  @Override
  public void close() {
    // The writer behind is the caller's.
  }
}
