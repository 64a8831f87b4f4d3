package dev.precast.launcher.command;

import dev.precast.launcher.config.Configuration;
import dev.precast.launcher.config.KeyTable;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Every key there is. */
@Command(
        name = "config",
        description = {
            "Print every configuration key with type, default and meaning.",
            "A key is given by a flag (--set KEY=VALUE), in the environment, or in a properties file (--config FILE), in that order of precedence."
        })
@SuppressWarnings("NullAway.Init") // picocli fills in
public final class ConfigCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--markdown", description = "As a Markdown table.")
    private boolean markdown;

    @Override
    public Integer call() {
        spec.commandLine()
                .getOut()
                .print(
                        markdown
                                ? KeyTable.markdown(Configuration.definition())
                                : KeyTable.text(Configuration.definition()));
        spec.commandLine().getOut().flush();
        return 0;
    }
}
