package dev.precast.ingest.webhook;

import dev.precast.ingest.EventsConfig;
import dev.precast.schemas.tls.PemFiles;
import java.io.IOException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.config.ConfigException;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** TLS of the door, with senders' certificates where they are asked for. Files that change are read again while it runs. */
final class DoorTls implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DoorTls.class);
    private static final int REFRESH_SECONDS = 5;

    private final PemFiles files;
    private final SslContextFactory.Server context = new SslContextFactory.Server();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "precast-events-tls");
        thread.setDaemon(true);
        return thread;
    });

    /** @throws ConfigException if the files cannot be used */
    DoorTls(EventsConfig.Tls config) {
        try {
            files = new PemFiles(
                    config.certificate(),
                    config.key(),
                    config.clientAuthorities().orElse(null));
        } catch (IOException e) {
            throw new ConfigException("Cannot take events over TLS. " + e.getMessage());
        }
        context.setKeyStorePassword("");
        context.setIncludeProtocols("TLSv1.3", "TLSv1.2");
        context.setSniRequired(false);
        context.setUseCipherSuitesOrder(true);
        context.setNeedClientAuth(config.clientAuthorities().isPresent());
        use(context, files.stores());
    }

    SslContextFactory.Server context() {
        return context;
    }

    void start() {
        Future<?> unused =
                timer.scheduleWithFixedDelay(this::refresh, REFRESH_SECONDS, REFRESH_SECONDS, TimeUnit.SECONDS);
    }

    /** Reads the files again if they are not what they were. */
    void refresh() {
        files.refresh().ifPresent(now -> {
            try {
                context.reload(factory -> use((SslContextFactory.Server) factory, now));
            } catch (Exception e) {
                LOG.warn("The certificate in force stays: {}", e.getMessage());
            }
        });
    }

    private static void use(SslContextFactory.Server context, PemFiles.Stores stores) {
        context.setKeyStore(stores.own());
        stores.authorities().ifPresent(context::setTrustStore);
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
