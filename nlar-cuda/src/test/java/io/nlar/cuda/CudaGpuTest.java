package io.nlar.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.nlar.Device;
import io.nlar.testkit.contract.Required;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What only a GPU can show, beside the contract suite; skipped without one, unless {@code -Dnlar.require=cuda}. */
class CudaGpuTest {
  private static Device device;

  @BeforeAll
  static void open() {
    device = Required.device("cuda");
  }

  @AfterAll
  static void close() {
    if (device != null) {
      device.close();
    }
  }

  private static int ordinal() {
    return device.info().index();
  }

  @Test
  void aStepIsCapturedInAGraph() {
    GpuChecks.capturedGraph(ordinal());
  }

  @Test
  void waitingInACaptureIsRefused() {
    GpuChecks.waitingInACapture(ordinal());
  }

  @Test
  void aFailureIsReportedAndClosingEnds() throws Exception {
    GpuFailure.inAProcessOfItsOwn(ordinal());
  }

  @Test
  void stepsRunOnTheCallersStream() {
    GpuChecks.callersStream(ordinal());
  }

  @Test
  void devicePointersAreWrapped() {
    GpuChecks.wrappedAddresses(ordinal());
  }

  @Test
  void aRunAllocatesNoHeap() {
    GpuChecks.heapBytesPerRun(device);
  }

  @Test
  void memoryThatRunsOutIsReported() {
    GpuChecks.memoryThatRunsOut(device);
  }

  @Test
  void copiesGoThroughStagingInPieces() {
    GpuChecks.copiesInPieces(device);
  }

  @Test
  @Tag("slow")
  void openingAndClosingDoesNotGrowDeviceMemory() {
    assertEquals(0, GpuChecks.growth(ordinal(), 10_000));
  }

  @Test
  @Tag("slow")
  void aTensorOfMoreThanTwoToTheThirtyOneElements() {
    Assumptions.assumeTrue(
        GpuChecks.hasMemory(device, GpuChecks.VAST.getFirst().bytes()), "the GPU has too little memory");
    GpuChecks.vast(device, GpuChecks.VAST.getFirst());
  }
}
