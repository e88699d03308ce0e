package io.nlar.bench.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.DType;
import io.nlar.DeviceInfo;
import io.nlar.bench.contest.Workload;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PyTorchAdamTest {
  @TempDir
  private Path folder;

  @Test
  void anAbsentPythonIsSaidWithTheRemedy() {
    Python.Torch torch = Python.look("/nowhere/python3");
    assertNull(torch.version());
    assertTrue(torch.reason().contains("there is no program /nowhere/python3"), torch.reason());
    assertTrue(torch.reason().contains(Python.VARIABLE), torch.reason());
  }

  /** A stand-in for a Python without torch: fails as Python does. */
  @Test
  void aPythonWithoutTorchIsSaid() throws Exception {
    Path python = script("echo \"ModuleNotFoundError: No module named 'torch'\" >&2; exit 1");
    Python.Torch torch = Python.look(python.toString());
    assertTrue(torch.reason().contains("No module named 'torch'"), torch.reason());
  }

  @Test
  void aPythonWithTorchTellsItsVersion() throws Exception {
    Python.Torch torch = Python.look(script("echo a warning; echo 2.13.0+cpu False").toString());
    assertEquals(new Python.Torch("2.13.0+cpu", false, null), torch);
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
