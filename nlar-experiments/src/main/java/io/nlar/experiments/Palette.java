package io.nlar.experiments;

import java.awt.BasicStroke;
import java.awt.Color;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** How series differ: first by colours of Okabe and Ito, which all eyes tell apart, then by four more; by markers and dashes throughout. */
final class Palette {
  private static final Color[] COLOURS = {
    new Color(0xD55E00), new Color(0x0072B2), new Color(0x009E73), new Color(0x8A5A83), new Color(0xE69F00),
    new Color(0x56B4E9), new Color(0x000000), new Color(0x7F7F7F), new Color(0xFF7FBF), new Color(0x6B3F16),
    new Color(0x9A9A00), new Color(0x3A2E9E)};
  private static final Marker[] MARKERS = {
    SeriesMarkers.CIRCLE, SeriesMarkers.SQUARE, SeriesMarkers.DIAMOND, SeriesMarkers.TRIANGLE_UP,
    SeriesMarkers.TRIANGLE_DOWN, SeriesMarkers.CROSS, SeriesMarkers.PLUS, SeriesMarkers.TRAPEZOID};
  private static final float[][] DASHES = {
    null, {10, 5}, {3, 4}, {12, 4, 3, 4}, {6, 3}, {1, 3}, {14, 3}, {8, 3, 2, 3, 2, 3}};

  private Palette() {}

  static Color colour(int series) {
    return COLOURS[series % COLOURS.length];
  }

  static Marker marker(int series) {
    return MARKERS[(series + series / COLOURS.length) % MARKERS.length];
  }

  static BasicStroke line(int series, float width) {
    return new BasicStroke(width, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 10, dashes(series), 0);
  }

  /** Lengths of dashes and gaps in turn; null for a line without gaps. */
  static float[] dashes(int series) {
    return DASHES[(series + series / COLOURS.length) % DASHES.length];
  }
}
