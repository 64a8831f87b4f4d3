package dev.precast.launcher.command;

/** A command was refused or failed for a known cause; the message is the whole of what the operator needs. */
public final class CommandException extends Exception {
    private static final long serialVersionUID = 1L;

    public CommandException(String message) {
        super(message);
    }

    public CommandException(String message, Throwable cause) {
        super(message, cause);
    }
}
