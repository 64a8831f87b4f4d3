package dev.precast.launcher.progress;

import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Whether somebody watches: a bar that moves is for them alone. */
public final class Terminal {
    private static final int BAR_MILLIS = 200;

    private Terminal() {}

    /** From Java 22 on there is a console also without a terminal, and it can say so; before, there is none then. */
    @SuppressWarnings("SystemConsoleNull")
    public static boolean isThere() {
        if (System.console() == null || "dumb".equals(System.getenv("TERM"))) {
            return false;
        }
        try {
            return Boolean.TRUE.equals(
                    java.io.Console.class.getMethod("isTerminal").invoke(System.console()));
        } catch (NoSuchMethodException e) {
            return true;
        } catch (ReflectiveOperationException e) {
            return false;
        }
    }

    /**
     * A bar with rate and time left. The first total is a guess: tell it the right one as soon as that is known.
     *
     * @param total 1 or more
     */
    public static ProgressBar bar(String task, long total) {
        return new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(total)
                .setUpdateIntervalMillis(BAR_MILLIS)
                .setStyle(ProgressBarStyle.ASCII)
                .showSpeed()
                .build();
    }
}
