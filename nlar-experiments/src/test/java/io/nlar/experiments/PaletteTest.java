package io.nlar.experiments;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.Color;
import java.awt.color.ColorSpace;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** As many series as there are optimizers, told apart. */
class PaletteTest {
  private static final int SERIES = 36;
  private static final int COLOURS = 12;
  /** ΔE of CIE 1976; about 2 is the least that an eye sees beside each other. */
  private static final double APART = 25;

  @Test
  void coloursAreFarApart() {
    for (int i = 0; i < COLOURS; i++) {
      for (int j = 0; j < i; j++) {
        double[] a = lab(Palette.colour(i));
        double[] b = lab(Palette.colour(j));
        double apart = Math.hypot(Math.hypot(a[0] - b[0], a[1] - b[1]), a[2] - b[2]);
        assertTrue(apart > APART, "colours " + i + " and " + j + ": " + apart);
      }
    }
  }

  @Test
  void whatSharesAColourHasOtherDashesAndMarkers() {
    Set<String> withDashes = new HashSet<>();
    Set<String> withMarkers = new HashSet<>();
    for (int i = 0; i < SERIES; i++) {
      int colour = Palette.colour(i).getRGB();
      withDashes.add(colour + Arrays.toString(Palette.dashes(i)));
      withMarkers.add(colour + Palette.marker(i).getClass().getName());
    }
    assertEquals(SERIES, withDashes.size());
    assertEquals(SERIES, withMarkers.size());
  }

  /** CIE L*a*b* of sRGB. */
  private static double[] lab(Color colour) {
    float[] xyz = colour.getColorComponents(ColorSpace.getInstance(ColorSpace.CS_CIEXYZ), null);
    double[] white = {0.9642, 1, 0.8249};
    double[] f = new double[3];
    for (int i = 0; i < 3; i++) {
      double t = xyz[i] / white[i];
      f[i] = t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16.0 / 116;
    }
    return new double[] {116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])};
  }
}
