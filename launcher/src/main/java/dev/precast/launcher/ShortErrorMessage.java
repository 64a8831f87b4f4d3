package dev.precast.launcher;

import java.io.PrintWriter;
import java.util.function.BooleanSupplier;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says what went wrong in a sentence; with {@code --debug} also where. */
final class ShortErrorMessage implements IExecutionExceptionHandler {
    private final BooleanSupplier debug;

    ShortErrorMessage(BooleanSupplier debug) {
        this.debug = debug;
    }

    @Override
    public int handleExecutionException(Exception e, CommandLine line, ParseResult parsed) {
        PrintWriter err = line.getErr();
        err.println(sentence(e));
        if (debug.getAsBoolean()) {
            e.printStackTrace(err);
        }
        err.flush();
        return CommandLine.ExitCode.SOFTWARE;
    }

    private static String sentence(Exception e) {
        String message = e.getMessage();
        // A bug has no sentence of its own: its kind says more than its message alone.
        boolean bug = message == null || e instanceof NullPointerException || e instanceof IndexOutOfBoundsException;
        return bug ? "Failed: " + e + ". Run again with --debug to see where." : String.valueOf(message);
    }

    /** For what was typed wrongly. */
    static final class OfUsage implements IParameterExceptionHandler {
        @Override
        public int handleParseException(ParameterException e, String[] arguments) {
            CommandLine line = e.getCommandLine();
            PrintWriter err = line.getErr();
            err.println(e.getMessage());
            UnmatchedArgumentException.printSuggestions(e, err);
            err.println("`" + line.getCommandSpec().qualifiedName() + " --help` shows how it is used.");
            return CommandLine.ExitCode.USAGE;
        }
    }
}
