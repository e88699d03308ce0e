package io.nlar.opencl;

import io.nlar.DeviceException;
import io.nlar.NlarException;
import io.nlar.spi.Releases;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.cl_context;
import org.jocl.cl_device_id;
import org.jocl.cl_kernel;
import org.jocl.cl_program;

/** The programs of one opened device: built once, from the cache on disk or from source. */
final class Programs {
  private final cl_context context;
  private final DeviceFacts facts;
  private final BinaryCache cache;
  private final Map<Built, cl_program> built = new HashMap<>();

  private record Built(String source, String options) {}

  Programs(cl_context context, DeviceFacts facts, BinaryCache cache) {
    this.context = context;
    this.facts = facts;
    this.cache = cache;
  }

  /** A kernel of its own, with arguments of its own. */
  cl_kernel kernel(String name, String source, String options) {
    cl_program program = build(source, options);
    return Cl.create("create the kernel " + name, status -> CL.clCreateKernel(program, name, status));
  }

  /** A program; it is this object's. */
  cl_program build(String source, String options) {
    return built.computeIfAbsent(new Built(source, options), wanted -> SignalHandlers.kept(() -> load(source, options)));
  }

  /** The cache's key of a program on this device. */
  String key(String source, String options) {
    return BinaryCache.key(facts.name(), facts.version(), facts.driver(), facts.platform(), facts.platformVersion(),
        options, source);
  }

  private cl_program load(String source, String options) {
    String key = key(source, options);
    Optional<cl_program> cached = cache.load(key).flatMap(binary -> fromBinary(binary, options));
    if (cached.isPresent()) {
      return cached.get();
    }
    cl_program program = fromSource(source, options);
    if (cache.enabled()) {
      try {
        cache.store(key, Info.binary(program));
      } catch (NlarException e) {
        System.getLogger(Programs.class.getName()).log(System.Logger.Level.DEBUG, "no binary to cache", e);
      }
    }
    return program;
  }

  private Optional<cl_program> fromBinary(byte[] binary, String options) {
    cl_program program = null;
    try {
      program = Cl.create("load a cached program", status -> CL.clCreateProgramWithBinary(context, 1,
          new cl_device_id[] {facts.id()}, new long[] {binary.length}, new byte[][] {binary}, new int[1], status));
      cl_program loaded = program;
      Cl.run("link a cached program",
          () -> CL.clBuildProgram(loaded, 1, new cl_device_id[] {facts.id()}, options, null, null));
      return Optional.of(program);
    } catch (NlarException e) {
      // The driver does not take it any more: it is built anew, and replaced.
      release(program);
      return Optional.empty();
    }
  }

  private cl_program fromSource(String source, String options) {
    cl_program program = Cl.create("take a program's source",
        status -> CL.clCreateProgramWithSource(context, 1, new String[] {source}, null, status));
    int status;
    try {
      status = CL.clBuildProgram(program, 1, new cl_device_id[] {facts.id()}, options, null, null);
    } catch (CLException e) {
      status = e.getStatus();
    }
    if (status != CL.CL_SUCCESS) {
      String log = Info.buildLog(program, facts.id());
      release(program);
      throw new DeviceException("the OpenCL compiler of " + facts.name() + " (driver " + facts.driver()
          + ") refuses a kernel with " + CL.stringFor_errorCode(status) + "; options: " + options
          + "; its build log:" + System.lineSeparator() + log);
    }
    return program;
  }

  private static void release(cl_program program) {
    if (program != null) {
      Cl.run("release a program", () -> CL.clReleaseProgram(program));
    }
  }

  /** Releases all programs; kernels keep theirs until they are released. */
  void release() {
    Releases all = new Releases();
    built.values().forEach(program -> all.add(() -> release(program)));
    built.clear();
    all.release();
  }
}
