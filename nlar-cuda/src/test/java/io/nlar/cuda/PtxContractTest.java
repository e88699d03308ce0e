package io.nlar.cuda;

import io.nlar.Backends;
import io.nlar.Device;
import io.nlar.cuda.interpreter.Schedule;
import io.nlar.testkit.AveragedRun;
import io.nlar.testkit.BitCase;
import io.nlar.testkit.RandomCases;
import io.nlar.testkit.contract.DeviceContract;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * The contract suite over the CUDA backend without a GPU: its tables and launches, and the very PTX that is shipped,
 * interpreted. State goes to the CPU backend and back.
 */
@Execution(ExecutionMode.CONCURRENT)
class PtxContractTest extends DeviceContract {
  @Override
  protected Device open() {
    return new PtxDriver(Schedule.of(Schedule.Order.DESCENDING), false).open();
  }

  /** A third, of every storage some of each kind: {@link PtxPathsTest} leads every kernel of them through all that it can do. */
  @Override
  public List<BitCase> storages() {
    return RandomCases.every(3, RandomCases.storages());
  }

  @Override
  public List<AveragedRun> averagedRuns() {
    return AveragedRun.some(5);
  }

  @Override
  public int everyCaseOfParts() {
    return 397;
  }

  @Override
  protected Optional<Device> other() {
    return Optional.of(Backends.open("cpu"));
  }

  // A hundred thousand steps are too many for an interpreter: without their annotation these are no tests here.

  @Override
  public void float32KeepsItsRatesOverALongRun() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void aHundredThousandStepsKeepTheBits() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void tenThousandCyclesLeaveMemoryAndThreadsFlat() {
    throw new UnsupportedOperationException();
  }
}
