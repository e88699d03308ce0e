package io.nlar.spi;

import java.util.Arrays;
import java.util.stream.Collectors;

/** Java's permission to call native code, which is given to modules and to the class path as a whole. */
public final class NativeAccess {
  private NativeAccess() {}

  /**
   * What Java must be started with so that some classes may call native code: {@code --enable-native-access=} with their
   * modules, or ALL-UNNAMED for the class path.
   */
  public static String option(Class<?>... users) {
    return "--enable-native-access=" + Arrays.stream(users).map(Class::getModule)
        .map(module -> module.isNamed() ? module.getName() : "ALL-UNNAMED").distinct().collect(Collectors.joining(","));
  }
}
