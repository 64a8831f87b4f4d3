package dev.precast.serving.support;

import dev.precast.schemas.config.RegistryKeys;
import dev.precast.serving.AuthConfig;
import dev.precast.serving.ServingConfig;
import dev.precast.serving.auth.Fingerprints;
import dev.precast.serving.auth.OpenAuthoriser;
import dev.precast.serving.freshness.FreshOffers;
import dev.precast.serving.metrics.ServingMetrics;
import dev.precast.serving.routes.RegistryServer;
import dev.precast.serving.upstream.Upstream;
import dev.precast.serving.view.FilledView;
import dev.precast.serving.view.ManifestView;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.Map;

/**
 * The face of serving over a made-up view, without Kafka, for rigs that measure. Arguments: port, tags, bytes of each manifest,
 * upstream URL, then configuration as KEY=VALUE.
 */
public final class RigServer {
    private static final long SEED = 20_261_123;

    private RigServer() {}

    public static void main(String[] args) throws Exception {
        Map<String, String> values = new HashMap<>();
        Path data = Files.createTempDirectory("precast-rig");
        values.put(RegistryKeys.URL, args[3]);
        values.put(ServingConfig.LISTEN, "127.0.0.1:" + args[0]);
        values.put(ServingConfig.DATA, data.toString());
        values.put(AuthConfig.MODE, "open");
        values.put(AuthConfig.OPEN, "*");
        for (int i = 4; i < args.length; i++) {
            values.put(args[i].substring(0, args[i].indexOf('=')), args[i].substring(args[i].indexOf('=') + 1));
        }
        ServingConfig config = ServingConfig.from(values);
        ManifestView view = FilledView.open(
                data,
                Integer.parseInt(args[1]),
                Integer.parseInt(args[2]),
                config.view().cacheBytes(),
                SEED);
        view.keep(config.front().memoryBytes(), 0);
        ServingMetrics metrics = new ServingMetrics(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
        Upstream upstream = new Upstream(config.registry(), config.registryTimeout(), metrics);
        FreshOffers.Asking asking = new FreshOffers.Asking(upstream, config.registryTimeout(), System::nanoTime);
        FreshOffers offers =
                new FreshOffers(view, config.freshness(), asking, (reference, gone, digest) -> {}, metrics);
        RegistryServer.Held held = new RegistryServer.Held(view, offers);
        RegistryServer.Access access = new RegistryServer.Access(
                new OpenAuthoriser(config.auth().open()), new Fingerprints(new SecureRandom()));
        try (RegistryServer server = new RegistryServer(config, held, access, upstream, metrics)) {
            server.start();
            System.out.println("ready " + server.address().getPort());
            Thread.sleep(Long.MAX_VALUE);
        } finally {
            view.close();
        }
    }
}
