package io.nlar.bench.harness;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class CompilerActivityTest {
  private static final String IDLE = """
      Current compiles:

      C1 compile queue:
      Empty

      C2 compile queue:
      Empty
      """;

  @Test
  void anEmptyQueueIsIdle() {
    assertTrue(CompilerActivity.idle(IDLE));
    assertTrue(CompilerActivity.idle(""), "a JVM that does not tell");
  }

  @Test
  void whatIsCompiledOrWaitsIsActivity() {
    assertFalse(CompilerActivity.idle(
        IDLE.replaceFirst("compiles:", "compiles:\nC2 CompilerThread0   574       4       a.B::c (891 bytes)")));
    assertFalse(CompilerActivity.idle(IDLE.replace("C2 compile queue:\nEmpty",
        "C2 compile queue:\n 578 %     4       a.B::d @ 5 (66 bytes)")));
  }

  @Test
  void thisJvmShowsItsQueue() {
    String queue = CompilerActivity.queue();
    assertTrue(queue.contains("C2 compile queue:"), queue);
  }
}
