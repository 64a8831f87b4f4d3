package dev.precast.testkit;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/**
 * Lets every {@code await()} that says nothing else wait for a minute, not for the library's ten seconds: a machine that is busy for
 * a moment is no defect, and what never comes does not come in a minute either. JUnit finds it by {@code META-INF/services}.
 */
public final class PatientAwaits implements LauncherSessionListener {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    @Override
    public void launcherSessionOpened(LauncherSession session) {
        Awaitility.setDefaultTimeout(PATIENCE);
    }
}
