package io.nlar.experiments;

import io.nlar.cli.OutputFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Writes {@code report.html}: one page that needs no other file, and JavaScript only for what can be moved. */
final class HtmlReport {
  static final String NAME = "report.html";

  private static final String HEAD = """
      <!DOCTYPE html>
      <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
      <title>%1$s</title><style>
      body { font: 16px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; color: #111; }
      table { border-collapse: collapse; margin: 1rem 0; font-variant-numeric: tabular-nums; }
      th, td { border: 1px solid #bbb; padding: .25rem .6rem; text-align: right; }
      th { background: #f3f3f3; } td:first-child, .settings td { text-align: left; }
      figure { margin: 1rem 0; } img { width: 100%%; height: auto; } .scroll { overflow-x: auto; }
      %2$s</style></head><body><h1>%1$s</h1>
      """;

  private HtmlReport() {}

  /**
   * Writes the page.
   *
   * @param facts settings, machine, versions: what and its value
   * @param figures what is shown; the first stands before the table
   * @param drawn those of them whose files are in the folder: what is seen without JavaScript
   */
  static void write(Path folder, String title, Measure measure, Findings findings, List<List<String>> times,
      Map<String, String> facts, List<Figure> figures, Set<Figure> drawn) throws IOException {
    StringBuilder page = new StringBuilder(HEAD.formatted(escape(title), Interaction.style()));
    page.append("<p>").append(escape(findings.sentence())).append("</p>\n");
    picture(page, folder, figures.getFirst(), drawn);
    page.append("<h2>").append(escape(capital(measure.title()))).append("</h2>\n");
    for (Findings.Table table : findings.tables()) {
      if (!table.caption().isEmpty()) {
        page.append("<h3>").append(escape(capital(table.caption()))).append("</h3>\n");
      }
      table(page, table.headings(), table.rows());
    }
    for (Figure figure : figures.subList(1, figures.size())) {
      picture(page, folder, figure, drawn);
    }
    page.append("<h2>Wall time of an ").append(measure.epoch()).append(", seconds</h2>\n");
    table(page, List.of("optimizer", "forward and backward", "step"), times);
    page.append("<h2>Settings and machine</h2>\n<table class=\"settings\">\n");
    facts.forEach((what, value) -> page.append("<tr><td>").append(escape(what)).append("</td><td>").append(escape(value))
        .append("</td></tr>\n"));
    page.append("</table>\n").append(Interaction.script()).append("</body></html>\n");
    OutputFile.in(folder, NAME).write(out -> out.write(page.toString().getBytes(StandardCharsets.UTF_8)));
  }

  /** The drawn picture, and its data, from which the script makes one that can be zoomed. */
  private static void picture(StringBuilder page, Path folder, Figure figure, Set<Figure> drawn) throws IOException {
    page.append("<h2>").append(escape(figure.shows())).append("</h2>\n<figure>\n");
    if (drawn.contains(figure)) {
      byte[] png = Files.readAllBytes(folder.resolve(Pictures.file(figure.name())));
      page.append("<img alt=\"").append(escape(figure.shows())).append("\" src=\"data:image/png;base64,")
          .append(Base64.getEncoder().encodeToString(png)).append("\">\n");
    }
    page.append(Interaction.data(figure)).append("</figure>\n");
  }

  /** Begins with a capital letter. */
  static String capital(String text) {
    return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
  }

  private static void table(StringBuilder page, List<String> headings, List<List<String>> rows) {
    page.append("<div class=\"scroll\"><table>\n<tr>");
    headings.forEach(heading -> page.append("<th>").append(escape(heading)).append("</th>"));
    page.append("</tr>\n");
    for (List<String> row : rows) {
      page.append("<tr>");
      row.forEach(cell -> page.append("<td>").append(escape(cell)).append("</td>"));
      page.append("</tr>\n");
    }
    page.append("</table></div>\n");
  }

  static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
  }
}
