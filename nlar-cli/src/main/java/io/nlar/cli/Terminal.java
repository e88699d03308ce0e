package io.nlar.cli;

import picocli.CommandLine.Help.Ansi;

/**
 * What may be written to a standard stream.
 *
 * @param interactive whether a person watches: lines may be drawn over
 * @param colour whether colours may be used: a terminal that knows them, and NO_COLOR is not set
 */
public record Terminal(boolean interactive, boolean colour) {

  /** Standard output. */
  public static Terminal output() {
    return of(StandardStreams.OUTPUT);
  }

  /** Standard error. */
  public static Terminal error() {
    return of(StandardStreams.ERROR);
  }

  private static Terminal of(int descriptor) {
    String kind = System.getenv("TERM");
    boolean interactive = StandardStreams.isTerminal(descriptor) && !"dumb".equals(kind);
    return new Terminal(interactive, interactive && coloursWanted(System.getenv("NO_COLOR")));
  }

  /** By the convention of no-color.org: any value that is not empty says no. */
  static boolean coloursWanted(String noColor) {
    return noColor == null || noColor.isEmpty();
  }

  /** The same for picocli. */
  Ansi ansi() {
    return colour ? Ansi.ON : Ansi.OFF;
  }

  /** Text in green where colours may be used: something holds. */
  public String good(String text) {
    return ansi().string("@|green " + text + "|@");
  }

  /** Text in bold red where colours may be used: something failed. */
  public String bad(String text) {
    return ansi().string("@|bold,red " + text + "|@");
  }
}
