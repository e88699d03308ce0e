package io.nlar.cli;

/** What the process tells its caller. */
public final class ExitCode {
  /** All went well. */
  public static final int OK = 0;
  /** Something failed: a check, a device, a file, the output. */
  public static final int FAILED = 1;
  /** The command line was wrong. */
  public static final int USAGE = 2;
  /** All was done but the pictures, which Java cannot draw here. */
  public static final int NO_PICTURES = 3;

  private ExitCode() {}
}
