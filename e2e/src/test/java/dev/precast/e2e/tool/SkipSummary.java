package dev.precast.e2e.tool;

import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/** After the last test says in one line what was skipped, and how to get what it needs. Silent where nothing was. */
public final class SkipSummary implements TestExecutionListener {
    private final Map<String, SortedSet<String>> testsByReason = new TreeMap<>();

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
        note(test, reason);
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        if (result.getStatus() == TestExecutionResult.Status.ABORTED) {
            note(test, result.getThrowable().map(Throwable::getMessage).orElse("aborted"));
        }
    }

    @Override
    public void testPlanExecutionFinished(TestPlan plan) {
        if (!testsByReason.isEmpty()) {
            System.out.println("End-to-end tests skipped: " + testsByReason);
        }
    }

    private synchronized void note(TestIdentifier test, String reason) {
        String name = test.getLegacyReportingName();
        testsByReason
                .computeIfAbsent(reason.replaceFirst("^Assumption failed: ", ""), r -> new TreeSet<>())
                .add(name.substring(name.lastIndexOf('.') + 1));
    }
}
