package dev.precast.launcher.command;

import dev.precast.launcher.cluster.Cluster;
import dev.precast.launcher.cluster.DeadLetters;
import dev.precast.launcher.cluster.RoleHealth;
import dev.precast.launcher.cluster.RunningFile;
import dev.precast.launcher.cluster.SystemCounts;
import dev.precast.launcher.cluster.VariantCounts;
import dev.precast.launcher.config.LauncherConfig;
import dev.precast.schemas.json.RecordJson;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.TopicCatalogue;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What is where. */
@Command(
        name = "status",
        description = {
            "Print what is where: roles, records, what is not yet resolved or converted, tags, refusals, dead letters.",
            "Exit code 1 when a role that was asked is not ready."
        })
@SuppressWarnings("NullAway.Init") // picocli fills in
public final class StatusCommand implements Callable<Integer> {
    private static final int LETTERS = 1000;

    @Mixin
    private CommonOptions options;

    @Spec
    private CommandSpec spec;

    @Option(names = "--json", description = "One JSON object.")
    private boolean json;

    @Option(names = "--quick", description = "Leave out what has to be counted by reading: tags, refusals, reasons.")
    private boolean quick;

    @Option(
            names = "--admin",
            paramLabel = "URL",
            description = "Admin address of a role, such as http://127.0.0.1:5082; may be given several times.")
    private List<String> admins = List.of();

    /**
     * All of it.
     *
     * @param variants absent when it was not counted
     * @param deadLettersByReason of the newest 1,000; absent when they were not read
     */
    record Status(
            String kafka,
            List<RoleHealth> processes,
            SystemCounts counts,
            @Nullable VariantCounts variants,
            @Nullable Map<String, Integer> deadLettersByReason) {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        Map<String, String> values = options.values();
        KafkaConfig kafka = Cluster.find(values);
        List<RoleHealth> processes = new ArrayList<>();
        for (String admin : admins(values)) {
            processes.add(RoleHealth.ask(admin));
        }
        SystemCounts counts = SystemCounts.read(kafka);
        boolean known = counts.records().containsKey(TopicCatalogue.VARIANTS.name());
        Status status = new Status(
                kafka.bootstrapServers(),
                processes,
                counts,
                quick || !known ? null : variants(kafka),
                quick || !known ? null : reasons(kafka));
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(RecordJson.writePretty(status));
        } else {
            print(out, status);
        }
        out.flush();
        return processes.stream().allMatch(process -> process.state().equals("ready")) ? 0 : 1;
    }

    private List<String> admins(Map<String, String> values) throws IOException {
        if (!admins.isEmpty()) {
            return admins.stream().map(url -> url.replaceAll("/+$", "")).toList();
        }
        return RunningFile.read(LauncherConfig.from(values).data())
                .filter(running -> !values.containsKey(KafkaConfig.BOOTSTRAP_SERVERS)
                        || running.bootstrapServers().equals(values.get(KafkaConfig.BOOTSTRAP_SERVERS)))
                .map(running -> List.of(running.admin()))
                .orElse(List.of());
    }

    private VariantCounts variants(KafkaConfig kafka) throws IOException {
        long[] shown = {System.nanoTime()};
        PrintWriter err = spec.commandLine().getErr();
        return VariantCounts.read(kafka, share -> {
            if (System.nanoTime() - shown[0] > 1_000_000_000L) {
                shown[0] = System.nanoTime();
                err.printf("Counting variants: %d %%%n", (int) (100 * share));
                err.flush();
            }
        });
    }

    private static Map<String, Integer> reasons(KafkaConfig kafka) throws IOException {
        Map<String, Integer> reasons = new TreeMap<>();
        new DeadLetters(kafka)
                .newest(
                        LETTERS,
                        stored -> reasons.merge(
                                stored.letter() == null
                                        ? "(unreadable)"
                                        : stored.letter().reason(),
                                1,
                                Integer::sum));
        return reasons;
    }

    private static void print(PrintWriter out, Status status) {
        out.println("kafka       " + status.kafka());
        if (status.processes().isEmpty()) {
            out.println("roles       not asked: name their admin addresses with --admin URL");
        }
        for (RoleHealth process : status.processes()) {
            out.println("roles       " + process.state() + " at " + process.admin());
            process.roles().forEach(line -> out.println("            " + line));
        }
        SystemCounts counts = status.counts();
        counts.records().forEach((topic, records) -> out.printf("%-22s at most %,d records%n", topic, records));
        counts.lag()
                .forEach((group, topics) -> topics.forEach((topic, lag) -> out.printf(
                        "%-22s %,d of %s %s%n",
                        group,
                        lag,
                        topic,
                        group.equals("precast-resolver") ? "not yet resolved" : "not yet converted")));
        VariantCounts variants = status.variants();
        if (variants != null) {
            out.printf(
                    "tags        %,d known to clients, %,d with a refusal%n", variants.tags(), variants.refusedTags());
            out.printf("variants    %,d manifests%n", variants.manifests());
            out.println("refusals    " + text(variants.refusals()));
        }
        if (status.deadLettersByReason() != null) {
            out.println("dead        " + text(status.deadLettersByReason()));
        }
    }

    private static String text(Map<String, Integer> counts) {
        return counts.isEmpty()
                ? "none"
                : counts.entrySet().stream()
                        .map(entry -> entry.getKey() + " " + entry.getValue())
                        .collect(Collectors.joining(", "));
    }
}
