package io.nlar.cli;

import io.nlar.Backends;
import io.nlar.Buffer;
import io.nlar.Device;
import io.nlar.DeviceException;
import io.nlar.DeviceInfo;
import io.nlar.Parameter;
import io.nlar.ParameterGroup;
import io.nlar.Step;
import io.nlar.cpu.CpuBackend;
import io.nlar.spi.Backend;
import io.nlar.spi.Probe;
import io.nlar.testkit.HostValues;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;

/**
 * The CPU with an error of one part in a thousand in the first value of every step: what checks must find. There only
 * while the system property {@value #PROPERTY} is set.
 */
public final class BrokenBackend implements Backend {
  /** System property that makes the backend available. */
  public static final String PROPERTY = "nlar.test.broken";
  /** The value of the property under which the device is found and cannot be opened. */
  public static final String CLOSED = "closed";

  @Override
  public String name() {
    return "broken";
  }

  @Override
  public Probe probe() {
    if (System.getProperty(PROPERTY) == null) {
      return new Probe.Unavailable("it is for tests; set -D" + PROPERTY, null);
    }
    if (!(new CpuBackend().probe() instanceof Probe.Available cpu)) {
      return new Probe.Unavailable("there is no CPU backend", null);
    }
    DeviceInfo info = cpu.devices().getFirst();
    return new Probe.Available(List.of(
        new DeviceInfo(name(), 0, "wrong by design", info.memoryBytes(), info.types(), info.hostMemory())));
  }

  @Override
  public Device open(DeviceInfo info) {
    if (CLOSED.equals(System.getProperty(PROPERTY))) {
      throw new DeviceException("it is locked up");
    }
    Device cpu = Backends.open("cpu");
    return proxy(Device.class, cpu, (target, method, arguments) -> switch (method.getName()) {
      case "info" -> info;
      case "compile" -> wrong(cpu, arguments);
      default -> call(cpu, method, arguments);
    });
  }

  @SuppressWarnings("unchecked")
  private static Step wrong(Device cpu, Object[] arguments) {
    List<ParameterGroup> groups = (List<ParameterGroup>) arguments[0];
    Step step = cpu.compile(groups);
    return proxy(Step.class, step, (target, method, given) -> {
      Object result = call(step, method, given);
      if (method.getName().equals("run")) {
        Buffer value = groups.getFirst().parameters().stream()
            .map(Parameter::value).filter(buffer -> buffer.length() > 0).findFirst().orElse(null);
        if (value != null) {
          try (Buffer first = value.slice(0, 1)) {
            HostValues.write(first, HostValues.read(first)[0] * 1.001 + 1e-3);
          }
        }
      }
      return result;
    });
  }

  private static <T> T proxy(Class<T> type, T target, InvocationHandler handler) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }

  private static Object call(Object target, Method method, Object[] arguments) throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  @Override
  public int preference(DeviceInfo device) {
    return Integer.MIN_VALUE;
  }
}
