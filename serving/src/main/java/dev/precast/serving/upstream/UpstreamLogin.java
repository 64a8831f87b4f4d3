package dev.precast.serving.upstream;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Asks the upstream with Precast's own account: as its challenges want it, Basic or Bearer, remembered until it is refused or
 * expires. What the upstream says about that account is never a caller's to hear. Thread-safe.
 */
public final class UpstreamLogin {
    /** Sends one request and returns its answer. */
    @FunctionalInterface
    interface Exchange {
        UpstreamResponse send(UpstreamRequest request) throws UpstreamException;
    }

    private record Pass(String header, long until) {}

    private static final int REMEMBERED = 10_000;
    private static final int ERROR_DRAINED = 64 << 10;
    private static final Duration MARGIN = Duration.ofSeconds(10);
    private static final Duration LONG = Duration.ofDays(1);
    private static final String ANYTHING = "*";

    private final TokenRealm realm;
    private final Optional<String> basic;
    private final LongSupplier nanoTime;
    private final Map<String, Pass> passes = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Pass> eldest) {
            return size() > REMEMBERED;
        }
    };

    /**
     * @param timeout of asking for a token
     * @param nanoTime a clock that only goes forward
     */
    public UpstreamLogin(URI registry, UpstreamAccount account, Duration timeout, LongSupplier nanoTime) {
        this.realm = new TokenRealm(registry, account, timeout);
        String pair = account.username() + ":" + account.password();
        this.basic = account.username().isEmpty()
                ? Optional.empty()
                : Optional.of("Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)));
        this.nanoTime = nanoTime;
    }

    /** @throws UpstreamException of kind {@code credentials} if the upstream does not let Precast in */
    UpstreamResponse send(UpstreamRequest request, Exchange exchange) throws UpstreamException {
        String scope = scope(request.target());
        UpstreamResponse first = exchange.send(with(request, remembered(scope)));
        if (first.status() != 401) {
            return requireLetIn(first);
        }
        first.body().drain(ERROR_DRAINED);
        String fresh = answer(first.headers().all("www-authenticate"), scope);
        return requireLetIn(exchange.send(with(request, fresh)));
    }

    /** The same without waiting, but for the buying of a token. The future fails with an {@link UpstreamException} only. */
    CompletableFuture<UpstreamStream> ask(
            UpstreamRequest request, Function<UpstreamRequest, CompletableFuture<UpstreamStream>> exchange) {
        String scope = scope(request.target());
        return exchange.apply(with(request, remembered(scope))).thenCompose(first -> {
            if (first.status() != 401) {
                return CompletableFuture.completedFuture(requireLetIn(first));
            }
            first.drop();
            return CompletableFuture.supplyAsync(() -> unchecked(first.headers().all("www-authenticate"), scope))
                    .thenCompose(fresh -> exchange.apply(with(request, fresh)))
                    .thenApply(UpstreamLogin::requireLetIn);
        });
    }

    private String unchecked(List<String> lines, String scope) {
        try {
            return answer(lines, scope);
        } catch (UpstreamException e) {
            throw new CompletionException(e);
        }
    }

    private static UpstreamStream requireLetIn(UpstreamStream stream) {
        if (stream.status() != 401 && stream.status() != 403) {
            return stream;
        }
        stream.drop();
        throw new CompletionException(refused());
    }

    private String answer(List<String> lines, String scope) throws UpstreamException {
        List<Challenge> challenges =
                lines.stream().flatMap(line -> Challenge.parse(line).stream()).toList();
        for (Challenge challenge : challenges) {
            if (challenge.bearer()) {
                TokenRealm.Token token = realm.buy(challenge, scope, basic);
                Duration holds = token.lifetime().minus(MARGIN);
                remember(scope, token.header(), holds.isNegative() ? Duration.ZERO : holds);
                return token.header();
            }
        }
        if (!challenges.isEmpty() && basic.isPresent()) {
            remember(ANYTHING, basic.get(), LONG);
            return basic.get();
        }
        throw refused();
    }

    private static UpstreamRequest with(UpstreamRequest request, @Nullable String authorization) {
        HeaderLines headers = request.headers().without("authorization");
        return new UpstreamRequest(
                request.head(),
                request.target(),
                authorization == null ? headers : headers.plus("authorization", authorization));
    }

    private static UpstreamResponse requireLetIn(UpstreamResponse response) throws UpstreamException {
        if (response.status() != 401 && response.status() != 403) {
            return response;
        }
        response.body().drain(ERROR_DRAINED);
        throw refused();
    }

    private synchronized @Nullable String remembered(String scope) {
        for (String key : List.of(scope, ANYTHING)) {
            Pass pass = passes.get(key);
            if (pass != null && nanoTime.getAsLong() - pass.until() < 0) {
                return pass.header();
            }
        }
        return null;
    }

    private synchronized void remember(String scope, String header, Duration holds) {
        passes.put(scope, new Pass(header, nanoTime.getAsLong() + holds.toNanos()));
    }

    /** What a token has to be for, from a target that was built of parsed parts. */
    static String scope(String target) {
        String path = target.substring("/v2/".length()).replaceFirst("\\?.*", "");
        if (path.isEmpty() || path.equals("_catalog")) {
            return path.isEmpty() ? "" : "registry:catalog:*";
        }
        int end = path.endsWith("/tags/list")
                ? path.length() - "/tags/list".length()
                : path.lastIndexOf('/', path.lastIndexOf('/') - 1);
        return "repository:" + path.substring(0, end) + ":pull";
    }

    private static UpstreamException refused() {
        return new UpstreamException(
                "credentials",
                "The upstream registry does not let Precast in. Check registry.username and registry.password.",
                new IOException("refused"));
    }
}
