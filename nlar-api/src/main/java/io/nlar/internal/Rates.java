package io.nlar.internal;

import io.nlar.BufferException;
import io.nlar.DType;
import io.nlar.RateHistogram;
import io.nlar.Slot;
import io.nlar.spi.EngineBuffer;
import io.nlar.spi.GroupPlan;
import io.nlar.spi.HostMemory;
import io.nlar.spi.SlotPlan;
import io.nlar.spi.StepEngine;
import io.nlar.spi.StepPlan;
import io.nlar.spi.TensorPlan;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Reads learning rates back from the device: γ = base + D of elements, or γ of whole parameters. */
final class Rates {
  private Rates() {}

  static void copy(GroupPlan group, TensorPlan tensor, StepEngine engine, MemorySegment host) {
    EngineBuffer rate = engine.state(tensor.index(), Slot.RATE);
    DType type = group.type();
    if (host.byteSize() != tensor.length() * type.bytes()) {
      throw new BufferException("the learning rates of parameter '" + tensor.name() + "' need a segment of "
          + tensor.length() * type.bytes() + " bytes (" + tensor.length() + " " + type + "), not " + host.byteSize());
    }
    HostMemory.checkWritable(host);
    if (rate == null) {
      double shared = shared(group, tensor, engine);
      for (long i = 0; i < tensor.length(); i++) {
        type.set(host, i, shared);
      }
    } else {
      forEach(group, rate, (i, gamma) -> type.set(host, i, gamma));
    }
  }

  static RateHistogram histogram(StepPlan plan, StepEngine engine) {
    RateHistogram histogram = new RateHistogram();
    for (TensorPlan tensor : plan.tensors()) {
      GroupPlan group = plan.groupOf(tensor);
      EngineBuffer rate = engine.state(tensor.index(), Slot.RATE);
      if (rate == null) {
        histogram.add(shared(group, tensor, engine), tensor.length());
      } else {
        forEach(group, rate, (i, gamma) -> histogram.add(gamma, 1));
      }
    }
    return histogram;
  }

  /** The rate of all elements of a parameter. */
  private static double shared(GroupPlan group, TensorPlan tensor, StepEngine engine) {
    List<SlotPlan> slots = group.rule().parameterSlots();
    if (slots.isEmpty()) {
      return group.learningRate();
    }
    double[] kept = new double[slots.size()];
    for (int i = 0; i < kept.length; i++) {
      int number = i;
      Pieces.forEach(engine.state(tensor.index(), slots.get(i).slot()), (piece, host, offset) -> {
        piece.copyTo(host);
        kept[number] = piece.type().get(host, 0);
      });
    }
    return group.type().round(group.rule().learningRate(kept));
  }

  private interface Taker {
    void take(long element, double gamma);
  }

  private static void forEach(GroupPlan group, EngineBuffer rate, Taker taker) {
    Pieces.forEach(rate, (piece, host, offset) -> {
      piece.copyTo(host);
      for (long i = 0; i < piece.length(); i++) {
        taker.take(offset + i, group.type().round(group.rule().rateBase() + rate.type().get(host, i)));
      }
    });
  }
}
