package dev.precast.launcher;

import dev.precast.launcher.command.ConfigCommand;
import dev.precast.launcher.command.ConvertCommand;
import dev.precast.launcher.command.DeadLettersCommand;
import dev.precast.launcher.command.InspectCommand;
import dev.precast.launcher.command.KeysCommand;
import dev.precast.launcher.command.ReplayCommand;
import dev.precast.launcher.command.ReposCommand;
import dev.precast.launcher.command.RoleCommand;
import dev.precast.launcher.command.StatusCommand;
import dev.precast.launcher.command.SyncCommand;
import dev.precast.launcher.command.TopicsCommand;
import dev.precast.launcher.command.UpCommand;
import dev.precast.launcher.command.VerifyCommand;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The entry point. Exit codes: 0 ok, 1 refused or failed, 2 usage. */
@Command(
        name = "precast",
        description = "Serves container images to clients that predate today's formats.",
        synopsisSubcommandLabel = "COMMAND",
        versionProvider = Version.class,
        subcommands = {
            UpCommand.class,
            RoleCommand.Ingest.class,
            RoleCommand.Converter.class,
            RoleCommand.Serving.class,
            ReposCommand.class,
            KeysCommand.class,
            ReplayCommand.class,
            StatusCommand.class,
            SyncCommand.class,
            InspectCommand.class,
            ConvertCommand.class,
            VerifyCommand.class,
            DeadLettersCommand.class,
            TopicsCommand.class,
            ConfigCommand.class
        },
        footer = {"", "Options can also be given as environment variables and in a file: see `precast config`."})
public final class Precast {
    private static final String DEBUG = "--debug";

    @Option(names = DEBUG, scope = ScopeType.INHERIT, description = "Say more, and show stack traces.")
    private boolean debug;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Show this help and exit.")
    void help(boolean wanted) {
        // Picocli answers by itself; it only has to know the option.
    }

    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Show the version and exit.")
    void version(boolean wanted) {
        // As above.
    }

    public static void main(String[] arguments) {
        Logging.configure(
                arguments.length == 0 ? "" : arguments[0],
                Arrays.asList(arguments).contains(DEBUG));
        System.exit(commandLine().execute(arguments));
    }

    /** The command line as it is used; output as UTF-8. */
    public static CommandLine commandLine() {
        Precast precast = new Precast();
        CommandLine line = new CommandLine(precast)
                .setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true);
        line.setParameterExceptionHandler(new ShortErrorMessage.OfUsage());
        line.setExecutionExceptionHandler(new ShortErrorMessage(() -> precast.debug));
        return line;
    }
}
