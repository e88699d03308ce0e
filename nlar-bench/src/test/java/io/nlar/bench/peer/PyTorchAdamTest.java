package io.nlar.bench.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.DType;
import io.nlar.DeviceInfo;
import io.nlar.bench.contest.Workload;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PyTorchAdamTest {
  private static final Duration PATIENCE = Duration.ofSeconds(50);

  @TempDir
  private Path folder;

  @Test
  void anAbsentPythonIsSaidWithTheRemedy() {
    Python.Torch torch = Python.look("/nowhere/python3", PATIENCE);
    assertNull(torch.version());
    assertTrue(torch.reason().contains("there is no program /nowhere/python3"), torch.reason());
    assertTrue(torch.reason().contains(Python.VARIABLE), torch.reason());
  }

  /** A stand-in for a Python without torch: fails as Python does. */
  @Test
  void aPythonWithoutTorchIsSaid() throws Exception {
    Path python = script("echo \"ModuleNotFoundError: No module named 'torch'\" >&2; exit 1");
    Python.Torch torch = Python.look(python.toString(), PATIENCE);
    assertTrue(torch.reason().contains("No module named 'torch'"), torch.reason());
  }

  /** Old ones import, but have no fused Adam on the CPU: a step is what counts. */
  @Test
  void aTorchWithoutAFusedAdamIsSaid() throws Exception {
    Path python = script("""
        case "$2" in
          *fused=True*.step*) echo "RuntimeError: fused=True requires CUDA" >&2; exit 1;;
          *) echo nlar-torch 1.13.0 False 3.9.1 /usr/bin/python3;;
        esac""");
    Python.Torch torch = Python.look(python.toString(), PATIENCE);
    assertTrue(torch.reason().contains("no torch with a fused Adam (RuntimeError: fused=True requires CUDA)"),
        torch.reason());
  }

  @Test
  void aPythonWithTorchTellsItsVersion() throws Exception {
    Path python = script("echo a warning; echo nlar-torch 2.13.0+cpu False 3.11.7 /a folder/python3; echo another >&2");
    assertEquals(new Python.Torch("2.13.0+cpu", false, "3.11.7, /a folder/python3", null),
        Python.look(python.toString(), PATIENCE));
  }

  @Test
  void aPythonThatHangsIsSaid() throws Exception {
    Python.Torch torch = Python.look(script("exec sleep 100").toString(), Duration.ofMillis(300));
    assertTrue(torch.reason().contains("did not import torch within"), torch.reason());
  }

  @Test
  void theScriptGetsTheRacesOwnDevice() {
    DeviceInfo gpu = new DeviceInfo("cuda", 3, "", 1, Set.of(DType.FLOAT64), DeviceInfo.HostMemory.NONE);
    assertEquals(List.of("cuda:3", "float64", "10", "2", "0.0"),
        new PyTorchAdam().arguments(new Workload(gpu, DType.FLOAT64, 10, 2)));
    DeviceInfo cpu = new DeviceInfo("cpu", 0, "", 1, Set.of(DType.FLOAT32), DeviceInfo.HostMemory.NATIVE);
    assertEquals(List.of("cpu", "float32", "10", "2", "1.0"),
        new PyTorchAdamClipped().arguments(new Workload(cpu, DType.FLOAT32, 10, 2)));
  }

  @Test
  void pyTorchHasNoOpenCl() {
    DeviceInfo opencl =
        new DeviceInfo("opencl", 0, "", 1, Set.of(DType.FLOAT32), DeviceInfo.HostMemory.NONE);
    assertEquals("PyTorch has no opencl device",
        new PyTorchAdam().unavailable(new Workload(opencl, DType.FLOAT32, 10, 1)).orElseThrow());
  }

  private Path script(String body) throws Exception {
    Path script = Files.writeString(folder.resolve("python"), "#!/bin/sh\n" + body + "\n");
    assertTrue(script.toFile().setExecutable(true));
    return script;
  }
}
