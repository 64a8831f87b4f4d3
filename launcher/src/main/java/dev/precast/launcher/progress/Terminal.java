package dev.precast.launcher.progress;

/** Whether somebody watches: a bar that moves is for them alone. */
public final class Terminal {
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
}
