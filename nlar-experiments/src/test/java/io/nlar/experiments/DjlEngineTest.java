package io.nlar.experiments;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.AccessDeniedException;
import org.junit.jupiter.api.Test;

/** What is said where PyTorch's natives cannot be loaded. */
class DjlEngineTest {
  private static String explanation(Throwable cause) {
    return DjlEngine.explanation(new IllegalStateException("Failed to load PyTorch native library", cause));
  }

  @Test
  void aFolderThatRefusesIsTheCauseAndAnotherTheRemedy() {
    for (Throwable cause : new Throwable[] {new AccessDeniedException("/home/somebody/.cache"),
        new UnsatisfiedLinkError("libc10.so: failed to map segment from shared object")}) {
      String text = explanation(cause);
      assertTrue(text.startsWith(cause.toString()), text);
      assertTrue(text.contains("DJL_CACHE_DIR") && text.contains("XDG_CACHE_HOME") && text.contains("noexec"), text);
      assertFalse(text.contains("djl.natives"), text);
    }
  }

  @Test
  void nativesOfAnotherPlatformAreSaidToBeSo() {
    String text = explanation(new UnsatisfiedLinkError("wrong ELF class: ELFCLASS32"));
    assertTrue(text.contains("wrong ELF class") && text.contains("-Ddjl.natives="), text);
  }
}
