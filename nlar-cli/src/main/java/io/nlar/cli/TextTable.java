package io.nlar.cli;

import java.util.ArrayList;
import java.util.List;

/** A table for terminals: columns as wide as their widest cell, numbers to the right. */
public final class TextTable {
  private static final String GAP = "  ";

  private final List<String> headings;
  private final List<List<String>> rows = new ArrayList<>();

  /**
   * A table with these column headings. A heading that starts with {@code >} (not shown) aligns its column to the right.
   */
  public TextTable(String... headings) {
    this.headings = List.of(headings);
  }

  /** Adds a row of as many cells as there are headings; colours in cells do not count as width. */
  public TextTable row(Object... cells) {
    if (cells.length != headings.size()) {
      throw new IllegalArgumentException(cells.length + " cells for " + headings.size() + " columns");
    }
    List<String> row = new ArrayList<>();
    for (Object cell : cells) {
      row.add(String.valueOf(cell));
    }
    rows.add(row);
    return this;
  }

  /** The table, one line a row, without a line break at the end. */
  @Override
  public String toString() {
    List<List<String>> lines = new ArrayList<>();
    lines.add(headings.stream().map(heading -> right(heading) ? heading.substring(1) : heading).toList());
    lines.addAll(rows);
    int[] widths = new int[headings.size()];
    for (List<String> line : lines) {
      for (int column = 0; column < widths.length; column++) {
        widths[column] = Math.max(widths[column], width(line.get(column)));
      }
    }
    StringBuilder text = new StringBuilder();
    for (List<String> line : lines) {
      StringBuilder shown = new StringBuilder();
      for (int column = 0; column < widths.length; column++) {
        String cell = line.get(column);
        String padding = " ".repeat(widths[column] - width(cell));
        shown.append(column == 0 ? "" : GAP)
            .append(right(headings.get(column)) ? padding + cell : cell + padding);
      }
      text.append(text.isEmpty() ? "" : System.lineSeparator()).append(shown.toString().stripTrailing());
    }
    return text.toString();
  }

  private static boolean right(String heading) {
    return heading.startsWith(">");
  }

  /** Columns that a cell takes on the screen: escape sequences of colours take none. */
  private static int width(String cell) {
    String plain = cell.replaceAll("\u001b\\[[0-9;]*m", "");
    return plain.codePointCount(0, plain.length());
  }
}
