package io.nlar.experiments;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.Backends;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.DeviceInfo;
import io.nlar.DeviceInfo.HostMemory;
import io.nlar.bench.contest.Tensors;
import io.nlar.bench.contest.Workload;
import io.nlar.bench.harness.Contestant;
import io.nlar.bench.peer.Peer;
import java.util.ServiceLoader;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** DJL's Adam as a peer of the benchmark. */
class DjlAdamTest {
  private static Peer peer() {
    return ServiceLoader.load(Peer.class).stream().map(ServiceLoader.Provider::get)
        .filter(peer -> peer.name().equals("DJL Adam")).findFirst().orElseThrow();
  }

  @ParameterizedTest
  @EnumSource(value = DType.class, names = {"FLOAT32", "FLOAT64"})
  void itIsFoundAndComputesAdam(DType type) {
    try (Device device = Backends.open("cpu");
        Tensors tensors = new Tensors(device, new Workload(device.info(), type, 70_001, 1))) {
      Peer peer = peer();
      assertTrue(peer.unavailable(tensors.workload()).isEmpty());
      assertEquals(28.0 * type.bytes(), peer.trafficBytes(tensors.workload()));
      try (Contestant contestant = peer.open(tensors)) {
        contestant.verify();
        contestant.run(2);
      }
    }
  }

  @Test
  void itSaysWhereItDoesNotWork() {
    DeviceInfo gpu = new DeviceInfo("cuda", 0, "a GPU", 1 << 20, Set.of(DType.FLOAT32), HostMemory.NONE);
    assertTrue(peer().unavailable(new Workload(gpu, DType.FLOAT32, 1024, 1)).isPresent());
  }
}
