package io.nlar.bench.peer;

import io.nlar.bench.harness.Contestant;
import io.nlar.bench.harness.VerificationException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A contestant in a process of its own. It says {@code ready} on standard output, and answers each line on standard input
 * by one: {@code verify} by {@code ok} or what is wrong, {@code run N} by {@code done}. What it writes to standard error
 * goes to a file, of which messages quote the end. Whoever dies, says something else or nothing in time has failed.
 */
final class Script implements Contestant {
  private static final int QUOTED_LINES = 5;
  private static final Duration END = Duration.ofSeconds(5);

  /** What the reading thread hands over at the end of the output. */
  private static final String ENDED = new String("end of output");

  private final Duration patience;
  private final Path errors;
  private final Process process;
  private final Writer commands;
  private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();

  /**
   * Starts the process and waits until it is ready.
   *
   * @param program command, arguments and environment
   * @param patience longest wait for an answer
   * @throws PeerFailedException if it does not come so far
   */
  Script(ProcessBuilder program, Duration patience) {
    this.patience = patience;
    try {
      errors = Files.createTempFile("nlar-bench", ".err");
      errors.toFile().deleteOnExit();
      process = program.redirectError(errors.toFile()).start();
    } catch (IOException e) {
      throw new PeerFailedException("cannot be started: " + e.getMessage(), e);
    }
    commands = process.outputWriter(StandardCharsets.UTF_8);
    Thread.ofPlatform().daemon().name("nlar-peer-output").start(this::listen);
    try {
      expect("ready", answer("starting"));
    } catch (RuntimeException failure) {
      close();
      throw failure;
    }
  }

  private void listen() {
    try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        answers.add(line);
      }
    } catch (IOException ended) {
      // as the end of the output
    }
    answers.add(ENDED);
  }

  private String ask(String command) {
    try {
      commands.write(command + "\n");
      commands.flush();
    } catch (IOException e) {
      throw failed("ended before '" + command + "'");
    }
    return answer("'" + command + "'");
  }

  private String answer(String to) {
    try {
      String answer = answers.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
      if (answer == null) {
        throw failed("did not answer within " + patience.toSeconds() + " s (" + to + ")");
      }
      if (answer == ENDED) {
        process.waitFor(END.toMillis(), TimeUnit.MILLISECONDS);
        throw failed("ended" + (process.isAlive() ? "" : " with status " + process.exitValue()) + " (" + to + ")");
      }
      return answer;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failed("was interrupted");
    }
  }

  private void expect(String expected, String answer) {
    if (!expected.equals(answer)) {
      throw failed("said '" + answer + "', expected '" + expected + "'");
    }
  }

  /** A failure with the last of what the process said on standard error. */
  private PeerFailedException failed(String how) {
    String said;
    try {
      List<String> lines = Files.readAllLines(errors, StandardCharsets.ISO_8859_1).stream()
          .filter(line -> !line.isBlank()).toList();
      said = String.join(" / ", lines.subList(Math.max(0, lines.size() - QUOTED_LINES), lines.size()));
    } catch (IOException unreadable) {
      said = "";
    }
    return new PeerFailedException("its process " + how + (said.isEmpty() ? "" : ": " + said));
  }

  @Override
  public void verify() {
    String answer = ask("verify");
    if (!answer.equals("ok")) {
      throw new VerificationException("its result is wrong: " + answer);
    }
  }

  @Override
  public void run(long times) {
    expect("done", ask("run " + times));
  }

  /** Ends the process, whatever it is doing. */
  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    try {
      process.waitFor(END.toMillis(), TimeUnit.MILLISECONDS);
      Files.deleteIfExists(errors);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException leftToTheEnd) {
      // deleteOnExit tries again
    }
  }
}
