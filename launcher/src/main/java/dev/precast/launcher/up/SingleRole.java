package dev.precast.launcher.up;

import dev.precast.converter.ConverterApp;
import dev.precast.converter.ConverterConfig;
import dev.precast.launcher.admin.AdminServer;
import dev.precast.launcher.admin.Meters;
import dev.precast.launcher.config.KeyDirectory;
import dev.precast.launcher.config.LauncherConfig;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.role.Role;
import dev.precast.serving.ServingConfig;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** One role in this process, with its admin address. */
public final class SingleRole implements AutoCloseable {
    private static final int WATCH_MILLIS = 500;

    private final Map<String, String> values;
    private final LauncherConfig config;
    private final Function<Roles, Role> choice;
    private final Progress progress;
    private final Meters meters = new Meters();
    private final Ending ending = new Ending();
    private List<Role> roles = List.of();

    /** @param values those of the configuration given */
    public SingleRole(Map<String, String> values, Function<Roles, Role> choice, Progress progress) {
        this.values = new HashMap<>(values);
        this.config = LauncherConfig.from(values);
        this.choice = choice;
        this.progress = progress;
        this.values.putIfAbsent(
                ConverterConfig.STATE_DIRECTORY,
                config.data().resolve("converter").toString());
        this.values.putIfAbsent(
                ServingConfig.DATA, config.data().resolve("serving").toString());
    }

    /** Returns once the role works. */
    public void start() throws Exception {
        KafkaConfig kafka = KafkaConfig.from(values);
        if (kafka.bootstrapServers().isEmpty()) {
            throw new IOException(
                    "Cannot start a single role: no Kafka cluster is named. Name one with --kafka HOST:PORT.");
        }
        progress.step("topics", () -> KafkaSteps.makeTopics(kafka, false));
        KafkaSteps.weigh(kafka, progress);
        AdminServer admin = new AdminServer(config.adminListen(), meters, () -> roles);
        admin.start();
        ending.add("admin", admin);
        values.put(ConverterConfig.KEYS, KeyDirectory.withOurs(values));
        Role role = choice.apply(new Roles(values, kafka, meters.registry()));
        if (role instanceof ConverterApp) {
            // The others never touch keys, and may run where nothing can be written.
            KeyDirectory.make(KeyDirectory.ours(values));
        }
        ending.add(role.name(), role);
        roles = List.of(role);
        progress.step(role.name(), () -> {
            role.start();
            return role.health().detail();
        });
        progress.say("Health and metrics: " + admin.url() + "/");
    }

    /** Returns when it was closed (true), or when the role died (false). */
    public boolean awaitEnd() throws InterruptedException {
        while (!ending.begun()) {
            if (!Roles.allLive(roles)) {
                progress.say("The role died: " + roles.get(0).health().detail() + ". Start it again.");
                return false;
            }
            TimeUnit.MILLISECONDS.sleep(WATCH_MILLIS);
        }
        return true;
    }

    @Override
    public void close() {
        ending.run();
    }
}
