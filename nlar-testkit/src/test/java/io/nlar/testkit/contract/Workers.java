package io.nlar.testkit.contract;

import io.nlar.Buffer;
import io.nlar.Device;
import io.nlar.Part;
import io.nlar.Slot;
import io.nlar.Step;
import io.nlar.testkit.DeviceModel;
import io.nlar.testkit.GroupSpec;
import io.nlar.testkit.HostValues;
import io.nlar.testkit.Layout;
import io.nlar.testkit.TensorSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.BiFunction;
import java.util.function.Function;

/** Several steps over parts of the same tensors, on one device: what workers do, with their exchange as copies. */
final class Workers implements AutoCloseable {
  private final List<TensorSpec> tensors;
  private final Map<String, int[]> cuts = new HashMap<>();
  private final List<DeviceModel> models = new ArrayList<>();

  /** As many workers as there are, with cuts drawn at random from the multiples of a block. */
  Workers(Device device, List<GroupSpec> groups, Layout layout, int count, SplittableRandom random) {
    this.tensors = groups.stream().flatMap(group -> group.tensors().stream()).toList();
    for (TensorSpec tensor : tensors) {
      cuts.put(tensor.name(), cut(tensor.length(), count, random));
    }
    try {
      for (int worker = 0; worker < count; worker++) {
        int own = worker;
        models.add(new DeviceModel(device, groups.stream().map(group -> new GroupSpec(group.config(), group.type(),
            group.gradient(), group.tensors().stream().map(tensor -> part(tensor, own)).toList())).toList(), layout));
      }
    } catch (Throwable failure) {
      close();
      throw failure;
    }
  }

  private static int[] cut(int length, int count, SplittableRandom random) {
    int[] cuts = new int[count + 1];
    for (int i = 1; i < count; i++) {
      cuts[i] = Math.min(length, random.nextInt(Math.ceilDiv(length, Part.UNIT) + 1) * Part.UNIT);
    }
    cuts[count] = length;
    Arrays.sort(cuts);
    return cuts;
  }

  private TensorSpec part(TensorSpec tensor, int worker) {
    int[] at = cuts.get(tensor.name());
    return tensor.part(at[worker], at[worker + 1]);
  }

  List<DeviceModel> models() {
    return models;
  }

  /** Writes each worker's elements of a tensor to its own buffer; a null one gets none. */
  void scatter(String name, double[] whole, Function<DeviceModel, Buffer> buffer) {
    int[] at = cuts.get(name);
    for (int worker = 0; worker < models.size(); worker++) {
      HostValues.write(buffer.apply(models.get(worker)), Arrays.copyOfRange(whole, at[worker], at[worker + 1]));
    }
  }

  /** All workers' elements of a tensor, one worker's after the other's; null where they have no such buffer. */
  double[] gather(String name, Function<DeviceModel, Buffer> buffer) {
    if (buffer.apply(models.getFirst()) == null) {
      return null;
    }
    return models.stream().map(model -> HostValues.read(buffer.apply(model))).flatMapToDouble(Arrays::stream).toArray();
  }

  /** What is kept of a whole parameter, of a worker that owns some of it. */
  double[] ofParameter(String name, Slot slot) {
    int[] at = cuts.get(name);
    int owner = 0;
    while (owner < models.size() - 1 && at[owner] == at[owner + 1]) {
      owner++;
    }
    return HostValues.read(models.get(owner).step().state(name, slot));
  }

  /** A step of all workers: each reduces its parts, all get the others' sums of blocks, then each updates its parts. */
  void run(double gradientScale, double rateFactor) {
    models.forEach(model -> model.step().reduceBlocks());
    exchange();
    for (DeviceModel model : models) {
      model.step().takeBlockSums();
      model.step().apply(gradientScale, rateFactor);
    }
  }

  /** All workers have the numbers of parameters that the undivided step has after its update. */
  void learn() {
    models.forEach(model -> model.step().leaveBlockProducts());
    exchange();
    models.forEach(model -> model.step().takeBlockProducts());
  }

  /** All get what each says of its own blocks. */
  void exchange() {
    double[] all = new double[(int) models.getFirst().step().blockSums().length()];
    Arrays.fill(all, -1);
    for (int worker = 0; worker < models.size(); worker++) {
      double[] own = HostValues.read(models.get(worker).step().blockSums());
      int before = 0;
      while (before < all.length) { // squares, and as often again as there are products
        for (TensorSpec tensor : tensors) {
          int[] at = cuts.get(tensor.name());
          int from = before + at[worker] / Part.UNIT;
          int to = before + Math.ceilDiv(at[worker + 1], Part.UNIT);
          System.arraycopy(own, from, all, from, at[worker] == at[worker + 1] ? 0 : to - from);
          before += Math.ceilDiv(tensor.length(), Part.UNIT);
        }
      }
    }
    models.forEach(model -> HostValues.write(model.step().blockSums(), all));
  }

  /** Numbers for all elements of a tensor. */
  interface Numbers {
    double[] of(TensorSpec tensor);
  }

  /** Gives all the same values. */
  void setValues(DeviceModel whole, Numbers numbers) {
    write(whole, numbers, DeviceModel::value);
    whole.step().takeValues();
    models.forEach(model -> model.step().takeValues());
  }

  /** Gives all the same gradients. */
  void setGradients(DeviceModel whole, Numbers numbers) {
    write(whole, numbers, DeviceModel::gradient);
  }

  private void write(DeviceModel whole, Numbers numbers, BiFunction<DeviceModel, String, Buffer> buffer) {
    for (TensorSpec tensor : tensors) {
      double[] all = numbers.of(tensor);
      HostValues.write(buffer.apply(whole, tensor.name()), all);
      scatter(tensor.name(), all, model -> buffer.apply(model, tensor.name()));
    }
  }

  List<TensorSpec> tensors() {
    return tensors;
  }

  /** A worker's step. */
  Step step(int worker) {
    return models.get(worker).step();
  }

  @Override
  public void close() {
    models.forEach(DeviceModel::close);
  }
}
