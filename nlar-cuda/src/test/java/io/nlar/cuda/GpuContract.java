package io.nlar.cuda;

import io.nlar.testkit.contract.Required;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.platform.engine.FilterResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.PostDiscoveryFilter;
import org.junit.platform.launcher.TagFilter;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** The contract suite on a GPU without a build tool. */
final class GpuContract {
  private GpuContract() {}

  /**
   * Runs it; returns how many tests passed.
   *
   * @param share one test of so many
   */
  static long run(int share) {
    System.setProperty(Required.PROPERTY, "cpu,cuda");
    SummaryGeneratingListener listener = new SummaryGeneratingListener();
    LauncherFactory.create().execute(LauncherDiscoveryRequestBuilder.request()
        .selectors(DiscoverySelectors.selectClass(CudaContractTest.class))
        .filters(TagFilter.excludeTags("slow"), every(share))
        .build(), listener);
    TestExecutionSummary summary = listener.getSummary();
    if (summary.getTotalFailureCount() > 0 || summary.getTestsSucceededCount() == 0) {
      StringWriter failures = new StringWriter();
      summary.printFailuresTo(new PrintWriter(failures), 5);
      throw new AssertionError(summary.getTestsSucceededCount() + " tests passed, " + summary.getTotalFailureCount()
          + " failed: " + failures);
    }
    return summary.getTestsSucceededCount();
  }

  private static PostDiscoveryFilter every(int share) {
    AtomicInteger tests = new AtomicInteger();
    // A test with parameters is none itself: it registers its cases as it runs.
    return descriptor -> FilterResult.includedIf(!descriptor.isTest() && !descriptor.mayRegisterTests()
        || tests.getAndIncrement() % share == 0);
  }
}
