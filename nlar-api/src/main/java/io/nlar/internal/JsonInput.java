package io.nlar.internal;

import io.nlar.StateFileException;
import java.io.IOException;

/**
 * Reads JSON token by token, in memory for one text at a time; a text that is JSON itself is read in the same way. Numbers
 * are whole, from 0 to 2^63 - 1, without sign, fraction, exponent or leading zeros: a state file has no others.
 *
 * <p>What is not as expected is a {@link StateFileException} that says where.
 */
final class JsonInput {
  private static final int END = -1;

  private final String where;
  private final Chars source;
  private int next;
  private boolean peeked;
  private long position;

  /** Gives the next character, or -1 at the end. */
  interface Chars {
    int read() throws IOException;
  }

  /** Reads the value of an object's member. */
  interface Member {
    void read(String name) throws IOException;
  }

  /** Reads an element of an array. */
  interface Element {
    void read() throws IOException;
  }

  /**
   * Starts before the first token.
   *
   * @param where what is read, for messages
   */
  JsonInput(String where, Chars source) {
    this.where = where;
    this.source = source;
  }

  /** Reads an object; {@code member} reads each value. */
  void object(int longestName, Member member) throws IOException {
    expect('{', "an object");
    if (accept('}')) {
      return;
    }
    do {
      String name = text(longestName);
      expect(':', "':'");
      member.read(name);
    } while (accept(','));
    expect('}', "',' or '}'");
  }

  /** Reads an array; {@code element} reads each element. */
  void array(Element element) throws IOException {
    expect('[', "a list");
    if (accept(']')) {
      return;
    }
    do {
      element.read();
    } while (accept(','));
    expect(']', "',' or ']'");
  }

  /** Reads a text of at most {@code longest} characters. */
  String text(int longest) throws IOException {
    expect('"', "a text in quotes");
    StringBuilder text = new StringBuilder();
    for (int c = textChar(); c != END; c = textChar()) {
      if (text.length() == longest) {
        throw new StateFileException("a text of more than " + longest + " characters" + at());
      }
      text.append((char) c);
    }
    return text.toString();
  }

  /** The text that comes next, as JSON of its own: to be read up to its {@link #end}. */
  JsonInput nested(String name) throws IOException {
    expect('"', "a text in quotes");
    return new JsonInput(name, this::textChar);
  }

  /** Reads a number. */
  long number() throws IOException {
    if (!digit(token())) {
      throw unexpected("a whole number from 0");
    }
    long value = take() - '0';
    while (digit(peek())) {
      int digit = peek() - '0';
      if (value == 0) {
        throw unexpected("a number without leading zeros");
      }
      if (value > (Long.MAX_VALUE - digit) / 10) {
        throw unexpected("a number below 2^63");
      }
      value = 10 * value + digit;
      take();
    }
    return value;
  }

  /** Checks that nothing but white space follows. */
  void end() throws IOException {
    if (token() != END) {
      throw unexpected("nothing more");
    }
  }

  private static boolean digit(int c) {
    return c >= '0' && c <= '9';
  }

  /** The next character of a text whose opening quote was read; -1 for the closing one. */
  private int textChar() throws IOException {
    int c = peek();
    if (c < ' ') {
      throw unexpected("a character of a text, or its closing quote");
    }
    take();
    return switch (c) {
      case '"' -> END;
      case '\\' -> escaped();
      default -> c;
    };
  }

  private int escaped() throws IOException {
    int c = peek();
    int meant = switch (c) {
      case '"', '\\', '/' -> c;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> END;
      default -> throw unexpected("an escape sequence");
    };
    take();
    return meant == END ? hexadecimal() : meant;
  }

  private int hexadecimal() throws IOException {
    int value = 0;
    for (int i = 0; i < 4; i++) {
      int digit = peek() < 0x80 ? Character.digit(peek(), 16) : -1;
      if (digit < 0) {
        throw unexpected("four hexadecimal digits");
      }
      value = 16 * value + digit;
      take();
    }
    return value;
  }

  private boolean accept(char c) throws IOException {
    if (token() != c) {
      return false;
    }
    take();
    return true;
  }

  private void expect(char c, String what) throws IOException {
    if (!accept(c)) {
      throw unexpected(what);
    }
  }

  /** The first character of the next token, not yet taken. */
  private int token() throws IOException {
    while (peek() == ' ' || peek() == '\n' || peek() == '\r' || peek() == '\t') {
      take();
    }
    return peek();
  }

  private int peek() throws IOException {
    if (!peeked) {
      next = source.read();
      peeked = true;
    }
    return next;
  }

  /** Takes the next character. The end stays, so that a source is never asked beyond it. */
  private int take() throws IOException {
    int c = peek();
    peeked = c == END;
    position++;
    return c;
  }

  private StateFileException unexpected(String expected) throws IOException {
    int c = peek();
    String found = c == END ? "its end" : c > ' ' && c < 0x7f ? "'" + (char) c + "'" : "character U+%04X".formatted(c);
    return new StateFileException("expected " + expected + ", found " + found + at());
  }

  private String at() {
    return " at character " + position + " of " + where;
  }
}
