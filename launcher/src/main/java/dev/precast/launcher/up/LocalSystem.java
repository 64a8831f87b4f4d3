package dev.precast.launcher.up;

import dev.precast.broker.BrokerProcess;
import dev.precast.broker.BrokerSettings;
import dev.precast.converter.ConverterApp;
import dev.precast.converter.ConverterConfig;
import dev.precast.ingest.EventsConfig;
import dev.precast.ingest.IngestApp;
import dev.precast.ingest.IngestConfig;
import dev.precast.launcher.admin.AdminServer;
import dev.precast.launcher.admin.Meters;
import dev.precast.launcher.cluster.RunningFile;
import dev.precast.launcher.config.KeyDirectory;
import dev.precast.launcher.config.LauncherConfig;
import dev.precast.launcher.layout.HintPoster;
import dev.precast.launcher.layout.LayoutWatcher;
import dev.precast.launcher.layout.OciLayout;
import dev.precast.schemas.config.RegistryKeys;
import dev.precast.schemas.image.Limits;
import dev.precast.schemas.image.Reference;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.record.RepositoryPattern;
import dev.precast.schemas.role.Role;
import dev.precast.serving.FrontConfig;
import dev.precast.serving.ServingApp;
import dev.precast.serving.ServingConfig;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;

/** Broker, ingest, converter and serving in and beside this process: started as far in parallel as it goes, ended in order. */
public final class LocalSystem implements AutoCloseable {
    private static final int WATCH_MILLIS = 500;
    /** Of the topics of our own broker, unless configured: more would only make the start of one machine slower. */
    private static final int PARTITIONS = 4;

    private final Map<String, String> values;
    private final LauncherConfig config;
    private final Progress progress;
    private final Meters meters = new Meters();
    private final Ending ending = new Ending();
    private List<Role> roles = List.of();
    private @Nullable ConverterApp converter;
    private @Nullable Description description;

    /**
     * What runs, for people.
     *
     * @param layout tags of the layout, in the order of its index; none with a registry as the upstream
     */
    public record Description(
            RunningFile.Addresses addresses,
            LauncherConfig config,
            String upstream,
            boolean hasLayout,
            List<Reference> layout) {}

    /** @param given the values of the configuration */
    public LocalSystem(Map<String, String> given, Progress progress) {
        this.values = new HashMap<>(given);
        this.config = LauncherConfig.from(given);
        this.progress = progress;
    }

    /**
     * Returns when everything is ready, or waits for nothing but the file of a key: commands that help need what runs.
     *
     * @throws Exception with a message for the operator; what had been started runs until {@link #close}
     */
    public void start() throws Exception {
        DataDirectory data = ending.add("data directory", DataDirectory.take(config.data()));
        Upstream upstream =
                ending.add("upstream", Upstream.open(values.getOrDefault(RegistryKeys.URL, ""), config.layout()));
        progress.say("Upstream: " + upstream.description());
        if (upstream.layout().isPresent() && values.containsKey(EventsConfig.TLS_CERTIFICATE)) {
            throw new ConfigException("Cannot watch an image layout: found " + EventsConfig.TLS_CERTIFICATE
                    + ", expected none, because the layout's events come from this very process. Leave it out.");
        }
        values.put(RegistryKeys.URL, upstream.url());
        values.putIfAbsent(
                ConverterConfig.STATE_DIRECTORY, data.resolve("converter").toString());
        values.putIfAbsent(ConverterConfig.INSTANCE_ID, data.instanceId());
        List<Path> given = ConverterConfig.from(values).keys();
        KeyDirectory.make(KeyDirectory.ours(values));
        values.put(ConverterConfig.KEYS, KeyDirectory.withOurs(values));
        values.putIfAbsent(IngestConfig.INSTANCE_ID, data.instanceId());
        values.putIfAbsent(ServingConfig.DATA, data.resolve("serving").toString());

        KafkaConfig kafka;
        AdminServer admin;
        try (Parallel parallel = new Parallel()) {
            var adminStart = parallel.run(this::startAdmin);
            parallel.run(WarmUp::run);
            kafka = kafka(data);
            admin = adminStart.get();
        }
        boolean alone = KafkaConfig.from(values).bootstrapServers().isEmpty();
        progress.step("topics", () -> KafkaSteps.makeTopics(kafka, alone));
        if (!alone) {
            KafkaSteps.weigh(kafka, progress);
        }
        if (!given.isEmpty()) {
            progress.step("keys", () -> new GivenKeys(values, given).activate(kafka, alone));
        }
        RunningFile.Addresses addresses = startRoles(kafka, admin, patterns(upstream));
        upstream.layout().ifPresent(layout -> watch(layout, addresses.events()));
        awaitReady(upstream, addresses.serving());
        RunningFile.write(data.path(), addresses);
        ending.add("running.properties", () -> RunningFile.remove(data.path()));
        description = new Description(
                addresses, config, upstream.description(), upstream.layout().isPresent(), upstream.tags());
        progress.total("all", "ready");
    }

    /** What runs, once {@link #start} has returned. */
    public Description description() {
        return Objects.requireNonNull(description, "not started");
    }

    /** Returns when it was closed (true), or when something died that only a restart mends (false). */
    public boolean awaitEnd() throws InterruptedException {
        while (!ending.begun()) {
            if (!Roles.allLive(roles)) {
                roles.stream()
                        .filter(role -> !role.health().live())
                        .forEach(role -> progress.say("The " + role.name() + " role died: "
                                + role.health().detail() + ". Everything ends; start again."));
                return false;
            }
            TimeUnit.MILLISECONDS.sleep(WATCH_MILLIS);
        }
        return true;
    }

    /** Ends everything in order. Also when only a part had started; a second call waits for the first. */
    @Override
    public void close() {
        ending.run();
    }

    private KafkaConfig kafka(DataDirectory data) throws Exception {
        KafkaConfig named = KafkaConfig.from(values);
        if (!named.bootstrapServers().isEmpty()) {
            progress.say("Kafka: " + named.bootstrapServers());
            return named;
        }
        BrokerSettings defaults = BrokerSettings.in(data.resolve("kafka"), Limits.MAX_RECORD_BYTES);
        BrokerProcess broker = ending.add(
                "broker",
                new BrokerProcess(
                        new BrokerSettings(
                                defaults.directory(),
                                config.brokerPort(),
                                defaults.maxRecordBytes(),
                                defaults.heapMegabytes()),
                        progress::say));
        String address = progress.step("broker", () -> {
            broker.start();
            return broker.bootstrapServers();
        });
        int partitions = values.containsKey(KafkaConfig.PARTITIONS) ? named.partitions() : PARTITIONS;
        return new KafkaConfig(address, partitions, (short) 1, false, named.security());
    }

    private AdminServer startAdmin() {
        AdminServer server = new AdminServer(config.adminListen(), meters, () -> roles);
        server.start();
        return ending.add("admin", server);
    }

    private RunningFile.Addresses startRoles(KafkaConfig kafka, AdminServer admin, Set<RepositoryPattern> patterns)
            throws Exception {
        Roles factory = new Roles(values, kafka, meters.registry());
        ServingApp serving = factory.serving();
        IngestApp ingest = factory.ingest();
        ConverterApp converter = factory.converter();
        this.converter = converter;
        roles = List.of(ingest, converter, serving);
        ending.addTogether(
                roles, Ending.patience(ServingConfig.from(values).front().drain()));
        try (Parallel parallel = new Parallel()) {
            // The converter first: it takes the longest.
            var starts = Stream.of(converter, serving, ingest)
                    .map(role -> parallel.run(() -> start(role)))
                    .toList();
            // Beside the roles: they follow settings that change, and so they follow these.
            progress.step("settings", () -> KafkaSteps.enable(kafka, patterns));
            for (var start : starts) {
                start.get();
            }
        }
        return new RunningFile.Addresses(
                kafka.bootstrapServers(),
                Roles.url(serving.address(), values.get(FrontConfig.TLS_CERTIFICATE)),
                Roles.url(ingest.eventsAddress(), values.get(EventsConfig.TLS_CERTIFICATE)),
                admin.url());
    }

    private String start(Role role) throws Exception {
        return progress.step(role.name(), () -> {
            role.start();
            return role.health().detail();
        });
    }

    private void watch(OciLayout layout, String events) {
        String secret =
                values.getOrDefault(EventsConfig.SECRETS, "").split(",", -1)[0].strip();
        HintPoster poster = new HintPoster(URI.create(events + "/events/generic"), secret.isEmpty() ? null : secret);
        LayoutWatcher watcher = ending.add("layout watcher", new LayoutWatcher(layout, poster));
        watcher.start();
    }

    private void awaitReady(Upstream upstream, String serving) throws Exception {
        progress.step("ready", () -> {
            Readiness.awaitRoles(roles, role -> role == converter && lacksAKeyFile(), System::nanoTime);
            return upstream.samples() && !lacksAKeyFile()
                    ? Readiness.awaitTags(serving, upstream.tags())
                    : detail("serving");
        });
        if (lacksAKeyFile()) {
            progress.say("WARNING: The converter role is not ready: " + detail("converter"));
        }
    }

    private String detail(String name) {
        return roles.stream()
                .filter(role -> role.name().equals(name))
                .map(role -> role.health().detail())
                .findFirst()
                .orElse("");
    }

    private boolean lacksAKeyFile() {
        return converter != null && converter.lacksAKeyFile();
    }

    /** The operator's, and the samples' own repositories by name: a later run with a registry must not find all of it on. */
    private Set<RepositoryPattern> patterns(Upstream upstream) {
        Stream<RepositoryPattern> samples = upstream.samples()
                ? upstream.tags().stream().map(tag -> new RepositoryPattern(tag.repository()))
                : Stream.empty();
        return Stream.concat(config.convert().stream(), samples).collect(LinkedHashSet::new, Set::add, Set::addAll);
    }
}
