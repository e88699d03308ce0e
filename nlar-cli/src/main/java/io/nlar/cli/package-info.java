/**
 * The command line {@code nlar}: a root command, its subcommands ({@link io.nlar.cli.NlarCommand}, found through
 * {@link java.util.ServiceLoader}), and what they share: exit codes, messages, tables, progress.
 */
package io.nlar.cli;
