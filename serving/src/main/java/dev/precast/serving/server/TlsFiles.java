package dev.precast.serving.server;

import dev.precast.schemas.tls.PemFiles;
import java.io.IOException;
import java.nio.file.Path;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificate that the server shows, from PEM files that are read again when their content changes. Connections that are open
 * keep theirs. For one thread.
 */
public final class TlsFiles {
    private static final Logger LOG = LoggerFactory.getLogger(TlsFiles.class);

    private final PemFiles files;
    private final SslContextFactory.Server context = new SslContextFactory.Server();

    /** @throws IOException if the files cannot be read, or are no certificate and its key */
    public TlsFiles(Path certificate, Path key) throws IOException {
        this.files = new PemFiles(certificate, key, null);
        context.setKeyStorePassword("");
        context.setKeyStore(files.stores().own());
        context.setIncludeProtocols("TLSv1.3", "TLSv1.2");
        context.setSniRequired(false);
        context.setUseCipherSuitesOrder(true);
    }

    /** What Jetty's connector takes; it changes in place. */
    public SslContextFactory.Server context() {
        return context;
    }

    /** Reads the files again if they are not what they were. */
    public void refresh() {
        files.refresh().ifPresent(now -> {
            try {
                context.reload(factory -> factory.setKeyStore(now.own()));
            } catch (Exception e) {
                LOG.warn("The certificate in force stays: {}", e.getMessage());
            }
        });
    }
}
