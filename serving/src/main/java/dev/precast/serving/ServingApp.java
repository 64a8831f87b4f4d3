package dev.precast.serving;

import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.record.KeyRing;
import dev.precast.schemas.role.Health;
import dev.precast.schemas.role.Role;
import dev.precast.serving.auth.Authoriser;
import dev.precast.serving.auth.Fingerprints;
import dev.precast.serving.freshness.FreshOffers;
import dev.precast.serving.freshness.KafkaHints;
import dev.precast.serving.keys.KeyReader;
import dev.precast.serving.metrics.ServingMetrics;
import dev.precast.serving.routes.RegistryServer;
import dev.precast.serving.upstream.Upstream;
import dev.precast.serving.view.ManifestView;
import dev.precast.serving.view.ViewConfig;
import dev.precast.serving.view.ViewReader;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Clock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The serving role: a read-only registry over the view, with the upstream behind it. {@link #start} returns once the address is
 * bound and the view is open; until the view has caught up, {@link #health} is not ready and manifests are answered 503.
 */
public final class ServingApp implements Role {
    private static final Logger LOG = LoggerFactory.getLogger(ServingApp.class);

    private final ServingConfig config;
    private final Upstream upstream;
    private final Authoriser authoriser;
    private final ViewReader reader;
    private final FreshOffers offers;
    private final KafkaHints hints;
    private final KeyReader keys;
    private final RegistryServer server;

    /** Does no I/O. */
    public ServingApp(ServingConfig config, KafkaConfig kafka, Clock clock, MeterRegistry registry) {
        this(config, kafka, new ViewReader.Time(clock, System::nanoTime), registry);
    }

    /** @param time by which is judged what is too old; sockets keep to the machine's */
    public ServingApp(ServingConfig config, KafkaConfig kafka, ViewReader.Time time, MeterRegistry registry) {
        this.config = config;
        ServingMetrics metrics = new ServingMetrics(registry);
        ViewConfig data = config.view();
        ManifestView view =
                new ManifestView(data.data(), data.cacheBytes(), data.maxStaleness(), time.nanoTime(), data.shard());
        view.keep(config.front().memoryBytes(), data.hotBytes());
        SecureRandom random = new SecureRandom();
        Authorisers authorisers = new Authorisers(config, time, random);
        this.upstream = authorisers.upstream(metrics);
        Fingerprints fingerprints = new Fingerprints(random);
        this.authoriser = authorisers.authoriser(upstream, fingerprints, metrics);
        this.reader = new ViewReader(kafka, view, data, time, metrics);
        this.keys = new KeyReader(kafka);
        this.hints = new KafkaHints(kafka, time.clock(), metrics);
        FreshOffers.Asking asking = new FreshOffers.Asking(upstream, config.registryTimeout(), time.nanoTime());
        this.offers = new FreshOffers(view, config.freshness(), asking, hints, metrics);
        RegistryServer.Held held = new RegistryServer.Held(view, offers);
        RegistryServer.Access access = new RegistryServer.Access(authoriser, fingerprints);
        this.server = new RegistryServer(config, held, access, upstream, metrics);
    }

    @Override
    public String name() {
        return "serving";
    }

    @Override
    public void start() throws IOException {
        authoriser.start();
        reader.start();
        try {
            server.start();
        } catch (IOException e) {
            reader.close();
            throw e;
        }
        keys.start();
        LOG.info(
                "Serving on {}, in front of {}, callers let in by {}.",
                server.address(),
                config.registry(),
                config.auth().mode());
    }

    /** Where clients connect; the port is the real one also when a free one was asked for. Only after {@link #start}. */
    public InetSocketAddress address() {
        return server.address();
    }

    /** The public signing keys as far as they are known, for auditors to pin. */
    public KeyRing keys() {
        return keys.ring();
    }

    @Override
    public Health health() {
        Health health = reader.health();
        return server.draining() && health.live() ? Health.notReady("ending; finishing requests under way") : health;
    }

    @Override
    public void close() {
        server.close();
        upstream.close();
        offers.close();
        hints.close();
        keys.close();
        reader.close();
    }
}
