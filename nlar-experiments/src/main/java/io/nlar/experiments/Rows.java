package io.nlar.experiments;

import io.nlar.cli.CommandFailedException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;

/**
 * A table of numbers, row by row; the last column is what is to be told from the others.
 *
 * @param columns how many there are, the last included; at least two
 * @param source where they come from, for people
 */
record Rows(float[] values, int columns, String source) {
  private static final int FRIEDMAN = 10_000;
  private static final int FRIEDMAN_INPUTS = 10;
  private static final long FRIEDMAN_SEED = 1;
  private static final String SEPARATORS = "[,;\t]";

  int count() {
    return values.length / columns;
  }

  float target(int row) {
    return values[row * columns + columns - 1];
  }

  /**
   * The first function of Friedman 1991 (Multivariate adaptive regression splines), 10·sin(π·x1·x2) + 20·(x3 − ½)² + 10·x4 +
   * 5·x5 + ε, with ten inputs uniform in 0 … 1, of which five say nothing, and standard normal ε.
   */
  static Rows friedman() {
    Random random = new Random(FRIEDMAN_SEED);
    int columns = FRIEDMAN_INPUTS + 1;
    float[] values = new float[FRIEDMAN * columns];
    double[] x = new double[FRIEDMAN_INPUTS];
    for (int row = 0; row < FRIEDMAN; row++) {
      for (int i = 0; i < x.length; i++) {
        x[i] = random.nextDouble();
        values[row * columns + i] = (float) x[i];
      }
      values[row * columns + FRIEDMAN_INPUTS] = (float) (10 * Math.sin(Math.PI * x[0] * x[1]) + 20 * Math.pow(x[2] - 0.5, 2)
          + 10 * x[3] + 5 * x[4] + random.nextGaussian());
    }
    return new Rows(values, columns, "Friedman's first function with noise of 1");
  }

  /** Reads a file of numbers between commas, semicolons or tabs, with a line of names above or without. */
  static Rows read(Path file) {
    String[] lines = new String(DataFiles.read(file), StandardCharsets.UTF_8).strip().split("\r?\n");
    int first = numeric(lines[0]) ? 0 : 1;
    int columns = lines[0].split(SEPARATORS, -1).length;
    if (columns < 2) {
      throw new CommandFailedException(file + " has no columns: its first line has neither comma, semicolon nor tab. Needed is a"
          + " file of numbers, whose last column is told from the others");
    }
    float[] values = new float[(lines.length - first) * columns];
    for (int row = 0; row < lines.length - first; row++) {
      String[] cells = lines[first + row].split(SEPARATORS, -1);
      if (cells.length != columns) {
        throw new CommandFailedException(file + ", line " + (first + row + 1) + ", has " + cells.length
            + " columns, the first line " + columns);
      }
      for (int i = 0; i < columns; i++) {
        values[row * columns + i] = number(file, first + row + 1, cells[i]);
      }
    }
    return new Rows(values, columns, file.toString());
  }

  private static float number(Path file, int line, String cell) {
    float number;
    try {
      number = Float.parseFloat(cell.strip());
    } catch (NumberFormatException notANumber) {
      number = Float.NaN;
    }
    if (!Float.isFinite(number)) {
      throw new CommandFailedException(file + ", line " + line + ": '" + cell + "' is no finite number; leave such columns or"
          + " lines out");
    }
    return number;
  }

  private static boolean numeric(String line) {
    try {
      for (String cell : line.split(SEPARATORS, -1)) {
        Float.parseFloat(cell.strip());
      }
      return true;
    } catch (NumberFormatException named) {
      return false;
    }
  }
}
