package io.nlar.cli;

import java.util.concurrent.Callable;

/**
 * A subcommand of {@code nlar}. Implementations carry picocli's {@link picocli.CommandLine.Command} annotation with
 * their name, have a public constructor without arguments, and are found through {@link java.util.ServiceLoader}, so that
 * other modules add commands by being on the class path.
 *
 * <p>{@link #call} returns an {@link ExitCode}. What it throws becomes one message on standard error: that of a
 * {@link io.nlar.NlarException}, a {@link CommandFailedException}, a {@link WrongArgumentException} (whose status is
 * {@link ExitCode#USAGE}) or an {@link java.io.IOException} as it is, anything else as an unexpected error. Results go to
 * standard output, progress ({@link Progress}) to standard error.
 */
public interface NlarCommand extends Callable<Integer> {}
