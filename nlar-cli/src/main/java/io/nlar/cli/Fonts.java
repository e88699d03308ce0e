package io.nlar.cli;

import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.Optional;

/** Whether Java can write text into pictures here: it may lack fonts, or its desktop part. */
public final class Fonts {
  private Fonts() {}

  /** Why no pictures can be drawn, and what to do; empty where they can. Takes a fraction of a second. */
  public static Optional<String> missing() {
    // Pictures need no display, and the one that DISPLAY names may be gone.
    System.setProperty("java.awt.headless", "true");
    try {
      Graphics2D graphics = new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB).createGraphics();
      graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
      graphics.drawString("1e-6", 0, 12);
      graphics.dispose();
      return Optional.empty();
    } catch (RuntimeException | LinkageError | InternalError failure) {
      return Optional.of("Java cannot draw text here (" + failure + "): install fontconfig, which brings fonts along, for"
          + " example apt-get install -y fontconfig; or take a Java that has the module java.desktop");
    }
  }
}
