package io.nlar.cli;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;

/** Standard output that remembers why it was lost, which Java's own keeps to itself. */
final class StandardOutput {
  private final Remembering stream;
  private final PrintStream printer;

  private StandardOutput(OutputStream target) {
    stream = new Remembering(target);
    printer = new PrintStream(new BufferedOutputStream(stream), true, System.out.charset());
  }

  /** Takes the place of {@link System#out}. */
  static StandardOutput install() {
    StandardOutput output = new StandardOutput(new FileOutputStream(FileDescriptor.out));
    System.setOut(output.printer);
    return output;
  }

  /**
   * Why something that was printed did not arrive; null where all did. A reader that has seen enough and went, as
   * {@code head} does, is no such reason.
   */
  String lost() {
    printer.flush();
    IOException failure = stream.failure;
    return failure == null || StandardStreams.readerIsGone(StandardStreams.OUTPUT) ? null : failure.getMessage();
  }

  private static final class Remembering extends FilterOutputStream {
    private IOException failure;

    Remembering(OutputStream target) {
      super(target);
    }

    @Override
    public void write(byte[] bytes, int from, int count) throws IOException {
      if (failure != null) {
        throw failure;
      }
      try {
        out.write(bytes, from, count);
      } catch (IOException lost) {
        failure = lost;
        throw lost;
      }
    }

    @Override
    public void write(int octet) throws IOException {
      write(new byte[] {(byte) octet}, 0, 1);
    }
  }
}
