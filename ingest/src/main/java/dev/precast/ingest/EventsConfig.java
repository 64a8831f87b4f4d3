package dev.precast.ingest;

import dev.precast.schemas.config.ListenAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigException;

/**
 * Where events arrive, and who may send them.
 *
 * @param listen address and port; port 0 takes a free one
 * @param secrets accepted Bearer secrets, 0 to 2; none: no secret is asked for
 * @param ackTimeout after which an event that the broker has not acknowledged is answered 503
 * @param refusalsPerMinute requests of one address without an accepted secret, above which more of them are answered 429 and not 401; 0: never
 * @param allowed addresses and networks (CIDR) that may connect; empty: everybody
 * @param tls absent: plain HTTP
 */
public record EventsConfig(
        ListenAddress listen,
        List<String> secrets,
        Duration ackTimeout,
        int refusalsPerMinute,
        List<String> allowed,
        Optional<Tls> tls) {
    public static final String LISTEN = "ingest.listen";
    public static final String SECRETS = "ingest.secrets";
    public static final String ACK_TIMEOUT = "ingest.ack.timeout.ms";
    public static final String REFUSALS = "ingest.refusals.per.minute";
    public static final String ALLOWED = "ingest.allowed.addresses";
    public static final String TLS_CERTIFICATE = "ingest.tls.certificate";
    public static final String TLS_KEY = "ingest.tls.key";
    public static final String TLS_CLIENTS = "ingest.tls.client.authorities";

    private static final int MAX_SECRETS = 2;
    /** Digits only: a name would have to be looked up, and could change. */
    private static final Pattern NETWORK =
            Pattern.compile("([0-9]{1,3}(\\.[0-9]{1,3}){3}|[0-9A-Fa-f]*:[0-9A-Fa-f:.]*)(/[0-9]{1,3})?");

    /**
     * PEM files, read again when they change.
     *
     * @param certificate the server's own first, then the intermediate ones
     * @param key not encrypted
     * @param clientAuthorities of the certificates that senders must show; absent when they need none
     */
    public record Tls(Path certificate, Path key, Optional<Path> clientAuthorities) {}

    public EventsConfig {
        secrets = List.copyOf(secrets);
        allowed = List.copyOf(allowed);
        if (secrets.size() > MAX_SECRETS) {
            throw new ConfigException("Found " + secrets.size() + " secrets in " + SECRETS + ", expected at most "
                    + MAX_SECRETS + ": the current one and the one before.");
        }
        for (String network : allowed) {
            if (!NETWORK.matcher(network).matches()) {
                throw new ConfigException(
                        ALLOWED, network, "expected an address or a network, such as 10.1.2.3 or 10.1.0.0/16");
            }
        }
    }

    static void define(ConfigDef definition) {
        definition
                .define(
                        LISTEN,
                        Type.STRING,
                        "127.0.0.1:5081",
                        Importance.HIGH,
                        "host:port on which registries' events arrive")
                .define(
                        SECRETS,
                        Type.PASSWORD,
                        "",
                        Importance.HIGH,
                        "up to two comma-separated secrets, one of which events must carry as Authorization: Bearer; empty: none is asked for")
                .define(
                        ACK_TIMEOUT,
                        Type.INT,
                        800,
                        Range.between(50, 60_000),
                        Importance.LOW,
                        "milliseconds after which an event that Kafka has not acknowledged is answered 503; less than the registry's notification timeout")
                .define(
                        REFUSALS,
                        Type.INT,
                        60,
                        Range.between(0, 1_000_000),
                        Importance.LOW,
                        "requests a minute of one address without an accepted secret, above which more of them are answered 429; requests with the secret never are; 0: no limit");
        defineSenders(definition);
    }

    private static void defineSenders(ConfigDef definition) {
        definition
                .define(
                        ALLOWED,
                        Type.LIST,
                        "",
                        Importance.MEDIUM,
                        "addresses and networks that may connect to send events, for example 10.1.0.0/16,::1; connections of others are closed; empty: everybody's are taken")
                .define(
                        TLS_CERTIFICATE,
                        Type.STRING,
                        "",
                        Importance.MEDIUM,
                        "PEM file of the certificate chain with which events are taken over TLS; empty: plain HTTP")
                .define(TLS_KEY, Type.STRING, "", Importance.MEDIUM, "PEM file of the certificate's private key")
                .define(
                        TLS_CLIENTS,
                        Type.STRING,
                        "",
                        Importance.MEDIUM,
                        "PEM file of the authorities of which a sender of events must show a certificate (mutual TLS); empty: none is asked for");
    }

    static EventsConfig from(AbstractConfig parsed) {
        return new EventsConfig(
                ListenAddress.parse(LISTEN, parsed.getString(LISTEN)),
                notEmpty(Stream.of(parsed.getPassword(SECRETS).value().split(","))),
                Duration.ofMillis(parsed.getInt(ACK_TIMEOUT)),
                parsed.getInt(REFUSALS),
                notEmpty(parsed.getList(ALLOWED).stream()),
                tls(parsed.getString(TLS_CERTIFICATE), parsed.getString(TLS_KEY), parsed.getString(TLS_CLIENTS)));
    }

    private static Optional<Tls> tls(String certificate, String key, String authorities) {
        if (certificate.isEmpty() != key.isEmpty()) {
            throw new ConfigException("Cannot use TLS: found only one of " + TLS_CERTIFICATE + " and " + TLS_KEY
                    + ", expected both or none. Name both files.");
        }
        if (certificate.isEmpty() && !authorities.isEmpty()) {
            throw new ConfigException("Cannot ask senders for certificates: found " + TLS_CLIENTS + " without "
                    + TLS_CERTIFICATE + ", expected both. Name the certificate and its key as well.");
        }
        return certificate.isEmpty()
                ? Optional.empty()
                : Optional.of(new Tls(
                        Path.of(certificate),
                        Path.of(key),
                        authorities.isEmpty() ? Optional.empty() : Optional.of(Path.of(authorities))));
    }

    private static List<String> notEmpty(Stream<String> texts) {
        return texts.map(String::strip).filter(text -> !text.isEmpty()).toList();
    }

    /** Without the secrets. */
    @Override
    public String toString() {
        return "EventsConfig[" + listen + ", secrets=" + secrets.size() + ", allowed=" + allowed + ", tls="
                + tls.isPresent() + "]";
    }
}
