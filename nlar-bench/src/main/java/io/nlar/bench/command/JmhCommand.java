package io.nlar.bench.command;

import io.nlar.cli.CommandFailedException;
import io.nlar.cli.ExitCode;
import io.nlar.cli.NlarCommand;
import io.nlar.cli.WrongArgumentException;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.runner.NoBenchmarksException;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/** {@code nlar jmh}: the microbenchmarks. */
@Command(
    name = "jmh",
    description = {
      "Run the JMH microbenchmarks (launches, small steps, allocation) with JMH's own options.",
      "For example: nlar jmh SmallStep -prof gc -p device=cpu -p size=1024",
      "-rf json -rff FILE keeps the figures in JMH's own JSON, which other programs read."
    })
public final class JmhCommand implements NlarCommand {
  @Unmatched
  private List<String> options = new ArrayList<>();

  @Override
  public Integer call() {
    try {
      CommandLineOptions given = new CommandLineOptions(options.toArray(String[]::new));
      Runner runner = new Runner(given);
      if (given.shouldList()) {
        runner.list();
      } else if (given.shouldListWithParams()) {
        runner.listWithParams(given);
      } else if (given.shouldListProfilers()) {
        given.listProfilers();
      } else if (given.shouldListResultFormats()) {
        given.listResultFormats();
      } else {
        runner.run();
      }
      return ExitCode.OK;
    } catch (CommandLineOptionException | NoBenchmarksException e) {
      throw new WrongArgumentException("JMH: " + e.getMessage(), e);
    } catch (RunnerException e) {
      throw new CommandFailedException("JMH: " + e.getMessage(), e);
    }
  }
}
