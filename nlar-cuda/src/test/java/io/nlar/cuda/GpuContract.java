package io.nlar.cuda;

import io.nlar.testkit.contract.Required;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.TagFilter;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** The contract suite on a GPU without a build tool. */
final class GpuContract {
  private GpuContract() {}

  /** Runs it; returns how many tests passed. */
  static long run() {
    System.setProperty(Required.PROPERTY, "cpu,cuda");
    SummaryGeneratingListener listener = new SummaryGeneratingListener();
    LauncherFactory.create().execute(LauncherDiscoveryRequestBuilder.request()
        .selectors(DiscoverySelectors.selectClass(CudaContractTest.class))
        .filters(TagFilter.excludeTags("slow"))
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
}
