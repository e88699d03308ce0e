package io.nlar.experiments;

import com.fasterxml.jackson.jr.ob.JSON;
import java.awt.Color;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/**
 * What a page needs so that its figures can be zoomed and their series toggled: uPlot (MIT, by Leon Sorokin), taken whole
 * from its WebJar, the project's own script over it, and each figure's data. All of it lies in the page.
 */
final class Interaction {
  private static final String WEBJAR = "/META-INF/maven/org.webjars.npm/uplot/pom.properties";
  private static final String FILES = "/META-INF/resources/webjars/uplot/";

  private Interaction() {}

  /** For the page's {@code style}. */
  static String style() {
    return uplot("dist/uPlot.min.css") + "\n" + text("charts.css");
  }

  /** For the end of the page. */
  static String script() {
    return "<!-- uPlot's license:\n" + uplot("LICENSE") + "-->\n<script>" + uplot("dist/uPlot.iife.min.js")
        + "</script>\n<script>\n" + text("charts.js") + "</script>\n";
  }

  private static String uplot(String file) {
    Properties properties = new Properties();
    try (InputStream in = Interaction.class.getResourceAsStream(WEBJAR)) {
      properties.load(in);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    return text(FILES + properties.getProperty("version") + "/" + file);
  }

  private static String text(String resource) {
    try (InputStream in = Interaction.class.getResourceAsStream(resource)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** A figure's data, where the script finds them. */
  static String data(Figure figure) {
    Map<String, Object> data = new LinkedHashMap<>();
    List<Object> legend = new ArrayList<>();
    for (int s = 0; s < figure.legend().size(); s++) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("name", figure.legend().get(s));
      Color colour = Palette.colour(s);
      entry.put("colour", String.format(Locale.ROOT, "#%06x", colour.getRGB() & 0xffffff));
      entry.put("dashes", Palette.dashes(s));
      legend.add(entry);
    }
    data.put("legend", legend);
    data.put("note", figure.note());
    data.put("columns", figure.columns());
    data.put("panels", figure.panels().stream().map(Interaction::panel).toList());
    try {
      return "<script type=\"application/json\">" + JSON.std.asString(data).replace("</", "<\\/") + "</script>\n";
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static Map<String, Object> panel(Figure.Panel panel) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("title", panel.title());
    data.put("height", panel.height());
    data.put("x", axis(panel.x()));
    data.put("y", axis(panel.y()));
    // uPlot wants one row of x for all lines.
    TreeMap<Double, Integer> places = new TreeMap<>();
    panel.lines().forEach(line -> line.points().forEach(point -> places.put(point.x(), 0)));
    int next = 0;
    for (Map.Entry<Double, Integer> place : places.entrySet()) {
      place.setValue(next++);
    }
    data.put("at", List.copyOf(places.keySet()));
    List<Object> lines = new ArrayList<>();
    for (Figure.Line line : panel.lines()) {
      Double[] y = new Double[places.size()];
      Double[] bars = new Double[places.size()];
      for (Figure.Point point : line.points()) {
        y[places.get(point.x())] = point.y();
        bars[places.get(point.x())] = Double.isNaN(point.bar()) ? null : point.bar();
      }
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("series", line.series());
      entry.put("name", line.name());
      entry.put("main", line.main());
      entry.put("y", y);
      entry.put("bars", bars);
      lines.add(entry);
    }
    data.put("lines", lines);
    return data;
  }

  private static Map<String, Object> axis(Figure.Axis axis) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("title", axis.title());
    data.put("log", axis.logarithmic());
    data.put("least", axis.least());
    data.put("most", axis.most());
    data.put("categories", axis.categories());
    return data;
  }
}
