package io.nlar.cpu;

import io.nlar.Device;
import io.nlar.testkit.BitCase;
import io.nlar.testkit.RandomCases;
import io.nlar.testkit.TensorSpec;
import io.nlar.testkit.contract.BitContract;
import io.nlar.testkit.contract.ConcurrencyContract;
import io.nlar.testkit.contract.NonFiniteContract;
import io.nlar.testkit.contract.SharedDevice;
import io.nlar.testkit.contract.SumContract;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Nested;

/**
 * The bits do not depend on the number of threads nor on how work is cut up: chunks of one block, on 1 to 8 threads. Nor on the
 * scalar kernel's being asked for where vectors are to be had.
 */
class ThreadsContractTest {

  abstract static class OnThreads extends SharedDevice implements BitContract, SumContract, NonFiniteContract, ConcurrencyContract {
    private final int threads;

    OnThreads(int threads) {
      this.threads = threads;
    }

    @Override
    protected Device open() {
      return Devices.open(threads);
    }

    /** Those that are cut up at all; how elements are kept the others show on any device. */
    @Override
    public List<BitCase> storages() {
      return RandomCases.storages().stream().filter(each -> each.groups().stream().flatMap(group -> group.tensors().stream())
          .mapToLong(TensorSpec::length).sum() > Devices.FINE.chunk()).toList();
    }

    @Override
    public Optional<Device> openOther() {
      return Optional.empty();
    }
  }

  @Nested
  class One extends OnThreads {
    One() {
      super(1);
    }
  }

  @Nested
  class Two extends OnThreads {
    Two() {
      super(2);
    }
  }

  @Nested
  class Three extends OnThreads {
    Three() {
      super(3);
    }
  }

  @Nested
  class Eight extends OnThreads {
    Eight() {
      super(8);
    }
  }

  @Nested
  class Scalar extends OnThreads {
    Scalar() {
      super(2);
    }

    @Override
    protected Device open() {
      return Devices.open(new CpuSettings(2, 0, Devices.FINE, List.of()));
    }
  }
}
