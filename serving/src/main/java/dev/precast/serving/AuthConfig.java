package dev.precast.serving;

import dev.precast.schemas.record.RepositoryPattern;
import dev.precast.serving.token.TokenConfig;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
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
 * Who may read. What does not belong to the mode is absent or empty.
 *
 * @param mode who decides
 * @param grace how long an anonymous yes of the upstream counts while the upstream cannot be asked
 * @param open repositories that everybody may read
 * @param passwords present in mode htpasswd
 * @param token present in mode token
 * @param catalog whether {@code /v2/_catalog} is answered
 */
public record AuthConfig(
        Mode mode,
        Duration grace,
        List<RepositoryPattern> open,
        Optional<Passwords> passwords,
        Optional<TokenConfig> token,
        boolean catalog) {
    public static final String MODE = "serving.auth";
    public static final String GRACE = "serving.auth.grace.ms";
    public static final String OPEN = "serving.open.repositories";
    public static final String HTPASSWD = "serving.htpasswd.file";
    public static final String ACCESS = "serving.htpasswd.access";
    public static final String REALM = "serving.htpasswd.realm";
    public static final String TOKEN_REALM = "serving.token.realm";
    public static final String TOKEN_SERVICE = "serving.token.service";
    public static final String TOKEN_ISSUER = "serving.token.issuer";
    public static final String TOKEN_KEYS = "serving.token.keys";
    public static final String TOKEN_ROOTS = "serving.token.roots";
    public static final String TOKEN_ALGORITHMS = "serving.token.algorithms";
    public static final String TOKEN_LONGEST = "serving.token.lifetime.max.ms";
    public static final String CATALOG = "serving.catalog";

    /** Who decides whether a caller may read. */
    public enum Mode {
        /** The upstream registry, asked with the caller's own credentials. */
        UPSTREAM,
        /** A file of users and bcrypt hashes. */
        HTPASSWD,
        /** The issuer of the caller's token. */
        TOKEN,
        /** A list of repositories that everybody may read. */
        OPEN
    }

    /**
     * Users of Precast's own.
     *
     * @param access which of them may read what; empty: all of them everything
     */
    public record Passwords(Path file, Optional<Path> access, String realm) {}

    public AuthConfig {
        open = List.copyOf(open);
    }

    /** Whether callers' credentials are the upstream's, to be sent there and nowhere else. */
    public boolean delegated() {
        return mode == Mode.UPSTREAM;
    }

    static ConfigDef define(ConfigDef definition) {
        definition
                .define(
                        MODE,
                        Type.STRING,
                        "upstream",
                        ValidString.in("upstream", "htpasswd", "token", "open"),
                        Importance.HIGH,
                        "who decides whether a caller may read: upstream (the registry, asked with the caller's own credentials), htpasswd, token, or open (everyone may read what serving.open.repositories lists)")
                .define(
                        GRACE,
                        Type.LONG,
                        300_000L,
                        Range.between(0, 86_400_000L),
                        Importance.MEDIUM,
                        "mode upstream: milliseconds for which a repository that everybody could read counts as such while the registry cannot be asked")
                .define(
                        CATALOG,
                        Type.STRING,
                        "filtered",
                        ValidString.in("filtered", "off"),
                        Importance.MEDIUM,
                        "what /v2/_catalog answers: filtered (the repositories that the caller may read; in mode upstream, what the registry shows the caller) or off (404)")
                .define(
                        OPEN,
                        Type.LIST,
                        "",
                        Importance.HIGH,
                        "mode open: repository patterns that everyone may read, for example library/*; nothing else is served")
                .define(
                        HTPASSWD,
                        Type.STRING,
                        "",
                        Importance.HIGH,
                        "mode htpasswd: file of users and bcrypt hashes, as `htpasswd -B` writes it; read again when it changes")
                .define(
                        ACCESS,
                        Type.STRING,
                        "",
                        Importance.MEDIUM,
                        "mode htpasswd: file of lines `user pattern…`, * for every user; empty: every user may read everything")
                .define(
                        REALM,
                        Type.STRING,
                        "Precast",
                        Importance.LOW,
                        "mode htpasswd: what clients are told they log in to");
        return defineToken(definition);
    }

    private static ConfigDef defineToken(ConfigDef definition) {
        return definition
                .define(
                        TOKEN_REALM,
                        Type.STRING,
                        "",
                        Importance.HIGH,
                        "mode token: URL at which clients get tokens, for example https://auth.example.com/token")
                .define(
                        TOKEN_SERVICE,
                        Type.STRING,
                        "",
                        Importance.HIGH,
                        "mode token: the name of this registry at the token server, and the audience of its tokens")
                .define(TOKEN_ISSUER, Type.STRING, "", Importance.HIGH, "mode token: the issuer of tokens, exactly")
                .define(
                        TOKEN_KEYS,
                        Type.LIST,
                        "",
                        Importance.HIGH,
                        "mode token: files of JWK sets, PEM public keys or PEM certificates that tokens may be signed with; read again when they change")
                .define(
                        TOKEN_ROOTS,
                        Type.LIST,
                        "",
                        Importance.MEDIUM,
                        "mode token: PEM files of certificates to which the chain in a token's x5c has to lead; empty: x5c counts for nothing")
                .define(
                        TOKEN_ALGORITHMS,
                        Type.LIST,
                        String.join(",", TokenConfig.ALGORITHMS),
                        Importance.LOW,
                        "mode token: JWS algorithms that are accepted; HMAC and none never are")
                .define(
                        TOKEN_LONGEST,
                        Type.LONG,
                        3_660_000L,
                        Range.between(60_000L, 31_536_000_000L),
                        Importance.LOW,
                        "mode token: milliseconds that a token may be valid for");
    }

    static AuthConfig from(AbstractConfig parsed) {
        Mode mode = Mode.valueOf(parsed.getString(MODE).toUpperCase(Locale.ROOT));
        return new AuthConfig(
                mode,
                Duration.ofMillis(parsed.getLong(GRACE)),
                mode == Mode.OPEN ? open(parsed) : List.of(),
                mode == Mode.HTPASSWD ? Optional.of(passwords(parsed)) : Optional.empty(),
                mode == Mode.TOKEN ? Optional.of(token(parsed)) : Optional.empty(),
                parsed.getString(CATALOG).equals("filtered"));
    }

    private static List<RepositoryPattern> open(AbstractConfig parsed) {
        List<String> texts = parsed.getList(OPEN);
        if (texts.isEmpty()) {
            throw new ConfigException(OPEN, "", "mode open serves only what is listed; * lists everything");
        }
        try {
            return texts.stream().map(RepositoryPattern::new).toList();
        } catch (IllegalArgumentException e) {
            throw new ConfigException(OPEN, String.join(",", texts), e.getMessage());
        }
    }

    private static Passwords passwords(AbstractConfig parsed) {
        String access = parsed.getString(ACCESS);
        return new Passwords(
                Path.of(required(parsed, HTPASSWD, "a file made with `htpasswd -B`")),
                access.isEmpty() ? Optional.empty() : Optional.of(Path.of(access)),
                quotable(REALM, parsed.getString(REALM)));
    }

    private static TokenConfig token(AbstractConfig parsed) {
        Set<String> algorithms = Set.copyOf(parsed.getList(TOKEN_ALGORITHMS));
        if (algorithms.isEmpty() || !TokenConfig.ALGORITHMS.containsAll(algorithms)) {
            throw new ConfigException(
                    TOKEN_ALGORITHMS,
                    String.join(",", algorithms),
                    "expected some of " + String.join(", ", TokenConfig.ALGORITHMS));
        }
        List<Path> keys = parsed.getList(TOKEN_KEYS).stream().map(Path::of).toList();
        List<Path> roots = parsed.getList(TOKEN_ROOTS).stream().map(Path::of).toList();
        if (keys.isEmpty() && roots.isEmpty()) {
            throw new ConfigException(TOKEN_KEYS, "", "mode token needs the token server's public keys");
        }
        return new TokenConfig(
                realm(required(parsed, TOKEN_REALM, "the URL of a token server")),
                quotable(TOKEN_SERVICE, required(parsed, TOKEN_SERVICE, "the audience of tokens")),
                required(parsed, TOKEN_ISSUER, "the issuer of tokens"),
                keys,
                roots,
                algorithms,
                Duration.ofMillis(parsed.getLong(TOKEN_LONGEST)));
    }

    private static URI realm(String text) {
        try {
            URI url = URI.create(text);
            boolean web = "http".equalsIgnoreCase(url.getScheme()) || "https".equalsIgnoreCase(url.getScheme());
            if (web && url.getHost() != null && url.getRawUserInfo() == null) {
                return url;
            }
        } catch (IllegalArgumentException e) {
            throw notAUrl(text);
        }
        throw notAUrl(text);
    }

    private static ConfigException notAUrl(String text) {
        return new ConfigException(
                TOKEN_REALM,
                text.contains("@") ? "[a URL with credentials]" : text,
                "expected http:// or https:// and a host");
    }

    private static String required(AbstractConfig parsed, String key, String what) {
        String value = parsed.getString(key);
        if (value.isEmpty()) {
            throw new ConfigException(key, "", "mode " + parsed.getString(MODE) + " needs " + what);
        }
        return value;
    }

    /** As it stands between quotes in a header. */
    private static String quotable(String key, String text) {
        if (!text.matches("[ !#-\\[\\]-~]*")) {
            throw new ConfigException(key, text, "expected printable ASCII without quotes and backslashes");
        }
        return text;
    }
}
