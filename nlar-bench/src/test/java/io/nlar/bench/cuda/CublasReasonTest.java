package io.nlar.bench.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.DType;
import io.nlar.DeviceInfo;
import io.nlar.bench.contest.Workload;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class CublasReasonTest {
  private static final DeviceInfo GPU =
      new DeviceInfo("cuda", 0, "", 1, Set.of(DType.FLOAT32), DeviceInfo.HostMemory.NONE);

  @Test
  void whereCublasIsAbsentTheUnfusedStepSaysSo() {
    Optional<String> problem = Cublas.problem();
    Assumptions.assumeTrue(problem.isPresent(), "cuBLAS is here");
    assertTrue(problem.get().contains("libcublas.so.12"), problem.get());
    assertEquals(problem, new CudaUnfused().unavailable(new Workload(GPU, DType.FLOAT32, 10, 1)));
    assertEquals(problem, Cublas.problem(), "asked again it says the same");
  }
}
