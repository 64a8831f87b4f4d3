package dev.precast.launcher.up;

import dev.precast.converter.ConverterApp;
import dev.precast.converter.ConverterConfig;
import dev.precast.ingest.IngestApp;
import dev.precast.ingest.IngestConfig;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.role.Role;
import dev.precast.serving.ServingApp;
import dev.precast.serving.ServingConfig;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes the roles from the values of a configuration. */
public final class Roles {
    private final Map<String, String> values;
    private final KafkaConfig kafka;
    private final MeterRegistry meters;

    public Roles(Map<String, String> values, KafkaConfig kafka, MeterRegistry meters) {
        this.values = Map.copyOf(values);
        this.kafka = kafka;
        this.meters = meters;
    }

    public IngestApp ingest() {
        return new IngestApp(IngestConfig.from(values), kafka, Clock.systemUTC(), meters);
    }

    public ConverterApp converter() {
        return new ConverterApp(ConverterConfig.from(values), kafka, Clock.systemUTC(), meters);
    }

    public ServingApp serving() {
        return new ServingApp(ServingConfig.from(values), kafka, Clock.systemUTC(), meters);
    }

    /** Live only if every one is. */
    static boolean allLive(List<? extends Role> roles) {
        return roles.stream().allMatch(role -> role.health().live());
    }

    /** @param certificate the setting that says whether it is https */
    static String url(InetSocketAddress address, @Nullable String certificate) {
        String host = address.getHostString();
        boolean bare = host.contains(":") && !host.startsWith("[");
        return (certificate == null || certificate.isEmpty() ? "http://" : "https://")
                + (bare ? "[" + host + "]" : host) + ":" + address.getPort();
    }
}
