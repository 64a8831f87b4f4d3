package dev.precast.launcher.command;

import dev.precast.launcher.cluster.Cluster;
import dev.precast.launcher.cluster.WalksTopic;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.record.RepositoryPattern;
import dev.precast.schemas.record.WalkReport.Position;
import java.io.IOException;
import java.time.Clock;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Everything again. */
@Command(
        name = "replay",
        description = {
            "Build the variants of the repositories that the pattern matches anew, from the image table.",
            "What comes out as before is not written again. Changes of settings and keys need no replay: they are followed."
        })
@SuppressWarnings("NullAway.Init") // picocli fills in
public final class ReplayCommand implements Callable<Integer> {
    @Mixin
    private CommonOptions options;

    @Spec
    private CommandSpec spec;

    @Parameters(
            paramLabel = "PATTERN",
            arity = "0..1",
            defaultValue = "*",
            converter = ReposCommand.PatternReader.class,
            description = "* is any run of characters. Default: every repository.")
    private RepositoryPattern pattern;

    @Option(names = "--wait", description = "Show the progress, and end when everything is built.")
    private boolean wait;

    @Override
    public Integer call() throws IOException, InterruptedException {
        KafkaConfig kafka = Cluster.find(options.values());
        WalksTopic walks = new WalksTopic(kafka, Clock.systemUTC());
        Position target = walks.request(pattern);
        if (wait) {
            WalkDisplay.follow(spec.commandLine().getErr(), walks::await, target);
        } else {
            spec.commandLine()
                    .getErr()
                    .println("The converters build " + pattern.text() + " anew. --wait shows the progress.");
        }
        return 0;
    }
}
