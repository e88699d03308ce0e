package io.nlar;

import java.net.URI;
import java.util.List;

/**
 * A backend of this project. These are looked for by the names of their classes too, since many a packaging drops or
 * overwrites the files in {@code META-INF/services} that {@link java.util.ServiceLoader} needs.
 *
 * @param name the name in selectors
 * @param type the name of its class
 * @param module its Java module
 * @param artifact what Maven and Gradle call it
 * @param linkable whether jlink takes it
 */
record KnownBackend(String name, String type, String module, String artifact, boolean linkable) {
  static final List<KnownBackend> ALL = List.of(
      new KnownBackend("cpu", "io.nlar.cpu.CpuBackend", "io.nlar.cpu", "io.nlar:nlar-cpu", true),
      new KnownBackend("cuda", "io.nlar.cuda.CudaBackend", "io.nlar.cuda", "io.nlar:nlar-cuda", false),
      new KnownBackend("opencl", "io.nlar.opencl.OpenClBackend", "io.nlar.opencl", "io.nlar:nlar-opencl", false));

  /** What to do where its classes are not found. */
  String remedy() {
    Module own = KnownBackend.class.getModule();
    if (!own.isNamed()) {
      return "add " + artifact + " to the class path, or have it in a class loader that the thread's context class loader"
          + " or Nlar's own one sees";
    }
    boolean linked = "jrt".equals(own.getLayer().configuration().findModule(own.getName())
        .flatMap(found -> found.reference().location()).map(URI::getScheme).orElse(""));
    if (linked && linkable) {
      return "link the runtime with jlink --add-modules " + module + ", or --bind-services";
    }
    return "have " + artifact + " and what it depends on on the module path, and start Java with --add-modules " + module
        + (linked ? " (into a runtime it cannot be linked, since it needs automatic modules)" : "");
  }
}
