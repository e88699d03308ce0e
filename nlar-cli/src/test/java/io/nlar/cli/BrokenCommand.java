package io.nlar.cli;

import picocli.CommandLine.Command;

/** A command that cannot be constructed while the system property {@value #PROPERTY} is set. */
@Command(name = "broken", hidden = true)
public final class BrokenCommand implements NlarCommand {
  /** System property that breaks the command. */
  public static final String PROPERTY = "nlar.test.broken.command";

  public BrokenCommand() {
    if (System.getProperty(PROPERTY) != null) {
      throw new NoClassDefFoundError("what/it/Needs");
    }
  }

  @Override
  public Integer call() {
    return ExitCode.OK;
  }
}
