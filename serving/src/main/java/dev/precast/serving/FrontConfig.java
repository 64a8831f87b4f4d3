package dev.precast.serving;

import dev.precast.schemas.config.RegistryKeys;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.ValidString;
import org.apache.kafka.common.config.ConfigException;

/**
 * What clients may take of the serving role: connections, time, requests at once; and how it shows itself to them.
 *
 * @param headersTimeout within which all headers of a request must have come, the TLS handshake included
 * @param stallTimeout within which a client must have taken a little of the answer that is sent to it
 * @param drain for how long requests that are under way may take when the role ends
 * @param connections open at once
 * @param connectionsPerAddress open at once from one address; 0: not counted, for running behind a proxy
 * @param manifestsAtOnce requests for manifests that are being answered; more are refused with 429
 * @param blobsAtOnce the same for blobs
 * @param authAtOnce the same for {@code /v2/}
 * @param listsAtOnce the same for tag lists and the catalog
 * @param tls certificate and key; empty: plain HTTP
 * @param http2 whether HTTP/2 is offered, with TLS only
 * @param accessLog one line per request
 * @param followRedirects whether a blob that the upstream sends elsewhere is fetched from there; else the client is sent there
 * @param memoryBytes for what was read from the view and may be asked for again; 0: none
 * @param redirectHosts where to, besides the upstream itself: {@code host}, {@code host:port} or {@code *.suffix}, in lower case
 */
public record FrontConfig(
        Duration headersTimeout,
        Duration stallTimeout,
        Duration drain,
        int connections,
        int connectionsPerAddress,
        int manifestsAtOnce,
        int blobsAtOnce,
        int authAtOnce,
        int listsAtOnce,
        Optional<Tls> tls,
        boolean http2,
        AccessLogForm accessLog,
        boolean followRedirects,
        long memoryBytes,
        Set<String> redirectHosts) {
    public static final String HEADERS_TIMEOUT = "serving.headers.timeout.ms";
    public static final String STALL_TIMEOUT = "serving.stall.timeout.ms";
    public static final String DRAIN = "serving.drain.ms";
    public static final String CONNECTIONS = "serving.connections";
    public static final String CONNECTIONS_PER_ADDRESS = "serving.connections.per.address";
    public static final String MANIFESTS = "serving.limit.manifests";
    public static final String BLOBS = "serving.limit.blobs";
    public static final String AUTH = "serving.limit.auth";
    public static final String LISTS = "serving.limit.lists";
    public static final String TLS_CERTIFICATE = "serving.tls.certificate";
    public static final String TLS_KEY = "serving.tls.key";
    public static final String HTTP2 = "serving.tls.http2";
    public static final String ACCESS_LOG = "serving.access.log";
    public static final String REDIRECTS = "serving.redirects";
    public static final String MEMORY = "serving.memory.bytes";
    public static final String REDIRECT_HOSTS = "serving.redirect.hosts";

    public FrontConfig {
        redirectHosts = Set.copyOf(redirectHosts);
    }

    /**
     * PEM files, read again when they change.
     *
     * @param certificate the server's own first, then the intermediate ones
     * @param key PKCS#8, PKCS#1 or SEC1, not encrypted
     */
    public record Tls(Path certificate, Path key) {}

    /** How an access line is written. */
    public enum AccessLogForm {
        OFF,
        TEXT,
        JSON
    }

    static ConfigDef define(ConfigDef definition) {
        millis(definition, HEADERS_TIMEOUT, 10_000, "within which all headers of a request must have come");
        millis(
                definition,
                STALL_TIMEOUT,
                60_000,
                "within which a client must have taken 60 KiB of a blob that is sent to it, or all of it");
        millis(definition, DRAIN, 3_000, "for which requests under way may go on when the role ends");
        count(definition, CONNECTIONS, 2_000, 1, "connections open at once");
        count(
                definition,
                CONNECTIONS_PER_ADDRESS,
                100,
                0,
                "connections open at once from one address; 0: not counted, for running behind a proxy");
        count(definition, MANIFESTS, 256, 1, "requests for manifests answered at once; more get 429");
        count(definition, BLOBS, 512, 1, "requests for blobs answered at once; more get 429");
        count(definition, AUTH, 64, 1, "requests for /v2/ answered at once; more get 429");
        count(definition, LISTS, 32, 1, "requests for tag lists and the catalog answered at once; more get 429");
        return definePresence(definition);
    }

    private static ConfigDef definePresence(ConfigDef definition) {
        return definition
                .define(
                        TLS_CERTIFICATE,
                        Type.STRING,
                        "",
                        Importance.MEDIUM,
                        "PEM file of the certificate chain for TLS")
                .define(TLS_KEY, Type.STRING, "", Importance.MEDIUM, "PEM file of the certificate's private key")
                .define(HTTP2, Type.BOOLEAN, false, Importance.LOW, "whether HTTP/2 is offered; with TLS only")
                .define(
                        ACCESS_LOG,
                        Type.STRING,
                        "off",
                        ValidString.in("off", "text", "json"),
                        Importance.LOW,
                        "one line per request to the logger precast.access: off, text or json")
                .define(
                        REDIRECTS,
                        Type.STRING,
                        "follow",
                        ValidString.in("follow", "client"),
                        Importance.MEDIUM,
                        "blobs that the registry sends elsewhere: follow (fetched from there, without credentials) or client (the client is sent there)")
                .define(
                        MEMORY,
                        Type.LONG,
                        32L << 20,
                        Range.between(0, 1L << 40),
                        Importance.LOW,
                        "bytes of the Java heap for manifests that are asked for again and again; 0: none, and none on disk either")
                .define(
                        REDIRECT_HOSTS,
                        Type.LIST,
                        "",
                        Importance.MEDIUM,
                        "hosts that redirects may lead to besides the registry's own: host, host:port or *.suffix; empty: with follow any public address, with client none");
    }

    static FrontConfig from(AbstractConfig parsed) {
        return new FrontConfig(
                Duration.ofMillis(parsed.getInt(HEADERS_TIMEOUT)),
                Duration.ofMillis(parsed.getInt(STALL_TIMEOUT)),
                Duration.ofMillis(parsed.getInt(DRAIN)),
                parsed.getInt(CONNECTIONS),
                parsed.getInt(CONNECTIONS_PER_ADDRESS),
                parsed.getInt(MANIFESTS),
                parsed.getInt(BLOBS),
                parsed.getInt(AUTH),
                parsed.getInt(LISTS),
                tls(parsed.getString(TLS_CERTIFICATE), parsed.getString(TLS_KEY)),
                parsed.getBoolean(HTTP2),
                AccessLogForm.valueOf(parsed.getString(ACCESS_LOG).toUpperCase(Locale.ROOT)),
                parsed.getString(REDIRECTS).equals("follow"),
                parsed.getLong(MEMORY),
                RegistryKeys.hosts(parsed.getList(REDIRECT_HOSTS)));
    }

    private static Optional<Tls> tls(String certificate, String key) {
        if (certificate.isEmpty() != key.isEmpty()) {
            throw new ConfigException("Cannot use TLS: found only one of " + TLS_CERTIFICATE + " and " + TLS_KEY
                    + ", expected both or none. Name both files.");
        }
        return certificate.isEmpty() ? Optional.empty() : Optional.of(new Tls(Path.of(certificate), Path.of(key)));
    }

    private static void millis(ConfigDef definition, String key, int value, String meaning) {
        definition.define(key, Type.INT, value, Range.between(100, 600_000), Importance.LOW, "milliseconds " + meaning);
    }

    private static void count(ConfigDef definition, String key, int value, int least, String meaning) {
        definition.define(key, Type.INT, value, Range.between(least, 100_000), Importance.LOW, meaning);
    }
}
