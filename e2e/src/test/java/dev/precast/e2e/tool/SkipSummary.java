package dev.precast.e2e.tool;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/** After the last test says in one line what was skipped, and how to get what it needs. Silent where nothing was. */
public final class SkipSummary implements TestExecutionListener {
    private final Map<String, String> reasonByTest = new ConcurrentHashMap<>();

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
        reasonByTest.put(test.getLegacyReportingName(), reason);
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        if (result.getStatus() == TestExecutionResult.Status.ABORTED) {
            reasonByTest.put(
                    test.getLegacyReportingName(),
                    result.getThrowable()
                            .map(Throwable::getMessage)
                            .map(message -> message.replaceFirst("^Assumption failed: ", ""))
                            .orElse("aborted"));
        }
    }

    @Override
    public void testPlanExecutionFinished(TestPlan plan) {
        if (!reasonByTest.isEmpty()) {
            System.out.println("End-to-end tests skipped: " + new TreeMap<>(reasonByTest));
        }
    }
}
