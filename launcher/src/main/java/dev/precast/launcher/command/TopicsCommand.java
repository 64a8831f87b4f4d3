package dev.precast.launcher.command;

import dev.precast.launcher.cluster.Cluster;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.TopicAdmin;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The topic catalogue against a cluster. */
@Command(
        name = "topics",
        description = "Compare the topics with a cluster, or bring it to them.",
        subcommands = {TopicsCommand.Plan.class, TopicsCommand.Apply.class},
        synopsisSubcommandLabel = "(plan | apply)")
@SuppressWarnings("NullAway.Init") // picocli fills in
public final class TopicsCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new picocli.CommandLine.ParameterException(spec.commandLine(), "Missing: plan or apply.");
    }

    /** What differs. */
    @Command(
            name = "plan",
            description = {
                "Print what differs; nothing is changed. Exit code 1 when something does.",
                "Topics that the loss of a broker would harm are warned of on stderr."
            })
    public static final class Plan implements Callable<Integer> {
        @Mixin
        private CommonOptions options;

        @Spec
        private CommandSpec spec;

        @Override
        public Integer call() throws IOException, InterruptedException {
            return withTopics(options, topics -> {
                List<TopicAdmin.Difference> differences = topics.plan();
                differences.forEach(d -> spec.commandLine().getOut().println(d));
                spec.commandLine()
                        .getErr()
                        .println(
                                differences.isEmpty()
                                        ? "Nothing differs."
                                        : differences.size()
                                                + " differ; `precast topics apply` mends what can be mended.");
                topics.weaknesses()
                        .forEach(weakness -> spec.commandLine().getErr().println("WARNING: " + weakness));
                return differences.isEmpty() ? 0 : 1;
            });
        }
    }

    /** Mends what differs. */
    @Command(name = "apply", description = "Make the topics that are missing, and correct what differs.")
    public static final class Apply implements Callable<Integer> {
        @Mixin
        private CommonOptions options;

        @Spec
        private CommandSpec spec;

        @Override
        public Integer call() throws IOException, InterruptedException {
            return withTopics(options, topics -> {
                List<TopicAdmin.Difference> differences = topics.plan();
                topics.apply(differences);
                differences.forEach(d -> spec.commandLine().getOut().println(d));
                spec.commandLine()
                        .getErr()
                        .println(differences.isEmpty() ? "Nothing differs." : differences.size() + " mended.");
                return 0;
            });
        }
    }

    private interface Step {
        int run(TopicAdmin topics) throws ExecutionException, InterruptedException;
    }

    private static int withTopics(CommonOptions options, Step step) throws IOException, InterruptedException {
        KafkaConfig config = Cluster.find(options.values());
        try (Admin admin = Cluster.admin(config)) {
            return step.run(new TopicAdmin(admin, config));
        } catch (ExecutionException e) {
            throw Cluster.unreachable(config, e);
        }
    }
}
