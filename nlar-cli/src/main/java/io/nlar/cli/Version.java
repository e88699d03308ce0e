package io.nlar.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** The version of Nlar and of what it runs on. */
public final class Version implements IVersionProvider {

  /** Nlar's version, for example {@code 0.1.0}. */
  public static String nlar() {
    try (InputStream in = Version.class.getResourceAsStream("/io/nlar/cli/version.properties")) {
      Properties properties = new Properties();
      properties.load(in);
      return properties.getProperty("version");
    } catch (IOException e) {
      throw new UncheckedIOException("the version cannot be read", e);
    }
  }

  /** Java's vendor and version. */
  public static String java() {
    return System.getProperty("java.vm.name") + " " + System.getProperty("java.runtime.version") + ", "
        + System.getProperty("java.vendor");
  }

  /** Operating system and architecture. */
  public static String system() {
    return System.getProperty("os.name") + " " + System.getProperty("os.version") + " " + System.getProperty("os.arch");
  }

  @Override
  public String[] getVersion() {
    return new String[] {"Nlar " + nlar(), java(), system()};
  }
}
