package io.nlar.cli;

import io.nlar.DType;
import io.nlar.NlarException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeMap;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.PicocliException;

/** Entry point of the command line: finds the commands, runs one, turns failures into a message and an exit status. */
public final class Main {
  private Main() {}

  /** Runs a command and ends the process with its {@link ExitCode}. */
  public static void main(String[] arguments) {
    StandardStreams.takeBackError();
    StandardOutput output = StandardOutput.install();
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    int status = run(out, err, arguments);
    String lost = output.lost();
    if (lost != null) {
      err.println(prefix() + "standard output was lost, in part or wholly: " + lost
          + "; give it another file, or free some space");
      status = ExitCode.FAILED;
    }
    System.exit(status);
  }

  /** Runs a command; results go to {@code out}, messages to {@code err}. Returns an {@link ExitCode}. */
  public static int run(PrintWriter out, PrintWriter err, String... arguments) {
    RootCommand root = new RootCommand();
    CommandLine line = new CommandLine(root);
    commands(err).forEach(line::addSubcommand);
    line.setOut(out)
        .setErr(err)
        .setColorScheme(Help.defaultColorScheme(Terminal.output().ansi()))
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setUsageHelpAutoWidth(true)
        .registerConverter(DType.class, new DTypeConverter())
        .registerConverter(Path.class, new PathConverter())
        .setExecutionExceptionHandler((failure, command, parsed) -> report(failure, command, root.verbose()));
    try {
      return line.execute(arguments);
    } catch (OutOfMemoryError failure) {
      return report(failure, line, root.verbose());
    } finally {
      out.flush();
      err.flush();
    }
  }

  /** The commands by name. One that cannot be loaded is reported and hides no other. */
  private static Map<String, CommandLine> commands(PrintWriter err) {
    Map<String, CommandLine> commands = new TreeMap<>();
    Iterator<ServiceLoader.Provider<NlarCommand>> providers = ServiceLoader.load(NlarCommand.class).stream().iterator();
    boolean more = true;
    while (more) {
      try {
        more = providers.hasNext();
        if (more) {
          CommandLine command = new CommandLine(providers.next().get());
          commands.putIfAbsent(command.getCommandName(), command);
        }
      } catch (ServiceConfigurationError | LinkageError | PicocliException broken) {
        err.println("nlar: a command cannot be loaded: " + broken.getMessage());
      }
    }
    return commands;
  }

  private static int report(Throwable failure, CommandLine command, boolean verbose) {
    PrintWriter err = command.getErr();
    err.println(prefix() + message(failure));
    if (verbose) {
      failure.printStackTrace(err);
    }
    if (failure instanceof WrongArgumentException) {
      err.println("(" + command.getCommandSpec().qualifiedName() + " --help shows what there is.)");
      return ExitCode.USAGE;
    }
    return ExitCode.FAILED;
  }

  private static String prefix() {
    return Terminal.error().ansi().string("@|bold,red nlar:|@ ");
  }

  /** One message for the user, without a stack trace. */
  static String message(Throwable failure) {
    return switch (failure) {
      case NlarException e -> e.getMessage();
      case CommandFailedException e -> e.getMessage();
      case WrongArgumentException e -> e.getMessage();
      case NoSuchFileException e -> "there is no file " + e.getFile();
      case AccessDeniedException e -> "no permission for " + e.getFile();
      case FileSystemException e -> e.getFile() + ": " + (e.getReason() == null ? e : e.getReason());
      case IOException e -> e.getMessage() == null ? "a file or stream failed: " + e : e.getMessage();
      case UncheckedIOException e -> message(e.getCause());
      case OutOfMemoryError e -> "Java's memory does not suffice (" + e.getMessage()
          + "); give it more, for example NLAR_JAVA_OPTS=-Xmx8g";
      default -> "unexpected " + failure + " (--verbose shows where it came from)";
    };
  }
}
