package io.nlar.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.opentest4j.AssertionFailedError;
import org.opentest4j.TestAbortedException;

/** Absent backends skip, or fail where they are required. */
class RequiredTest {
  private final String before = System.getProperty(Required.PROPERTY);

  @AfterEach
  void restore() {
    if (before == null) {
      System.clearProperty(Required.PROPERTY);
    } else {
      System.setProperty(Required.PROPERTY, before);
    }
  }

  @Test
  void anAbsentBackendSkipsTheTest() {
    System.setProperty(Required.PROPERTY, "other");
    assertTrue(assertThrows(TestAbortedException.class, () -> Required.device("nowhere")).getMessage()
        .contains("'nowhere'"));
  }

  @Test
  void anAbsentBackendThatIsRequiredFailsTheTest() {
    System.setProperty(Required.PROPERTY, "cpu, nowhere");
    assertTrue(assertThrows(AssertionFailedError.class, () -> Required.device("nowhere:1")).getMessage()
        .contains("demands the backend 'nowhere'"));
  }
}
