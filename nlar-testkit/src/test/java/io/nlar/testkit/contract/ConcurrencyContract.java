package io.nlar.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.nlar.DType;
import io.nlar.Device;
import io.nlar.NlarException;
import io.nlar.Noise;
import io.nlar.StepConfig;
import io.nlar.testkit.DeviceModel;
import io.nlar.testkit.GroupSpec;
import io.nlar.testkit.HostValues;
import io.nlar.testkit.Layout;
import io.nlar.testkit.ReferenceStep;
import io.nlar.testkit.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Calls from several threads: serialised per device, with the results of one after the other. */
public interface ConcurrencyContract extends ContractSupport {

  private List<GroupSpec> one(int length) {
    DType type = anyType();
    StepConfig config = StepConfig.nlarcm().withNoise(new Noise.Fresh(3)).withNoiseScale(0.1);
    return List.of(GroupSpec.of(config, type, new TensorSpec("w", length), new TensorSpec("v", 31)));
  }

  /** Runs all tasks at once and rethrows the first failure. */
  private static void together(List<Callable<Void>> tasks) throws Exception {
    CyclicBarrier start = new CyclicBarrier(tasks.size());
    try (ExecutorService threads = Executors.newFixedThreadPool(tasks.size())) {
      List<Future<Void>> results = new ArrayList<>();
      for (Callable<Void> task : tasks) {
        results.add(threads.submit(() -> {
          start.await();
          return task.call();
        }));
      }
      for (Future<Void> result : results) {
        result.get(50, TimeUnit.SECONDS);
      }
    }
  }

  @Test
  @Timeout(60)
  default void stepsOfOneDeviceRunFromSeveralThreads() throws Exception {
    int steps = 40;
    List<DeviceModel> models = new ArrayList<>();
    List<ReferenceStep> references = new ArrayList<>();
    try {
      List<Callable<Void>> tasks = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        List<GroupSpec> groups = one(3000 + i);
        ReferenceStep reference = new ReferenceStep(groups);
        DeviceModel model = new DeviceModel(device(), groups, Layout.SLICED);
        models.add(model);
        references.add(reference);
        startEqually(reference, model, i);
        feedEqually(reference, model, i);
        tasks.add(() -> {
          for (int n = 0; n < steps; n++) {
            model.step().await(model.step().run(1, 1));
          }
          return null;
        });
      }
      together(tasks);
      for (int i = 0; i < 3; i++) {
        for (int n = 0; n < steps; n++) {
          references.get(i).run(1, 1);
        }
        assertSameBits("concurrent step " + i, steps, references.get(i), models.get(i));
      }
    } finally {
      models.forEach(DeviceModel::close);
    }
  }

  @Test
  @Timeout(60)
  default void oneStepRunsFromTwoThreads() throws Exception {
    int steps = 50;
    List<GroupSpec> groups = one(5000);
    ReferenceStep reference = new ReferenceStep(groups);
    try (DeviceModel model = new DeviceModel(device(), groups, Layout.ALLOCATED)) {
      startEqually(reference, model, 1);
      feedEqually(reference, model, 1);
      Callable<Void> runs = () -> {
        for (int n = 0; n < steps; n++) {
          model.step().await(model.step().run(1, 1));
        }
        return null;
      };
      together(List.of(runs, runs));
      for (int n = 0; n < 2 * steps; n++) {
        reference.run(1, 1);
      }
      assertSameBits("two threads", 2 * steps, reference, model);
      assertEquals(2 * steps, model.step().stats().applied());
    }
  }

  @Test
  @Timeout(60)
  default void closingWhileAnotherThreadRunsIsRefusedOrWaits() throws Exception {
    for (int round = 0; round < 5; round++) {
      try (Device own = openAnother()) {
        DeviceModel model = new DeviceModel(own, one(20_000), Layout.ALLOCATED);
        together(List.of(() -> {
          try {
            while (true) {
              model.step().run(1, 1);
              HostValues.read(model.value("v"));
            }
          } catch (NlarException closed) {
            return null;
          }
        }, () -> {
          Thread.sleep(20);
          own.close();
          return null;
        }));
        model.close();
      }
    }
  }
}
