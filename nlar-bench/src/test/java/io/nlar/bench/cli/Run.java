package io.nlar.bench.cli;

import java.io.PrintWriter;
import java.io.StringWriter;

/**
 * A command that was run in this JVM.
 *
 * @param status its exit status
 * @param out its standard output
 * @param err its messages
 */
record Run(int status, String out, String err) {

  static Run of(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int status = Main.run(new PrintWriter(out), new PrintWriter(err), arguments);
    return new Run(status, out.toString(), err.toString());
  }
}
