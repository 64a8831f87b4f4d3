package dev.precast.serving.upstream;

import dev.precast.schemas.net.TokenRealms;
import dev.precast.serving.metrics.ServingMetrics;
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
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
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

    /** What a token is bought for; the account is always the same. */
    private record Purchase(String realm, String service, String scope) {}

    private static final int REMEMBERED = 10_000;
    private static final int ERROR_DRAINED = 64 << 10;
    private static final Duration MARGIN = Duration.ofSeconds(10);
    private static final Duration LONG = Duration.ofDays(1);
    private static final String ANYTHING = "*";

    private final TokenRealm realm;
    private final Optional<String> basic;
    private final LongSupplier nanoTime;
    private final ConcurrentMap<Purchase, CompletableFuture<String>> buying = new ConcurrentHashMap<>();
    /** By scope: whoever asks has not been told yet where its token comes from. */
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
    public UpstreamLogin(
            URI registry, UpstreamAccount account, Duration timeout, LongSupplier nanoTime, ServingMetrics metrics) {
        this.realm = new TokenRealm(new TokenRealms(registry, account.realms()), timeout, metrics);
        String pair = account.username() + ":" + account.password();
        this.basic = account.username().isEmpty()
                ? Optional.empty()
                : Optional.of("Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)));
        this.nanoTime = nanoTime;
    }

    /** @throws UpstreamException of kind {@code credentials} if the upstream does not let Precast in */
    UpstreamResponse send(UpstreamRequest request, Exchange exchange) throws UpstreamException {
        String scope = scope(request.target());
        @Nullable String used = remembered(scope);
        UpstreamResponse first = exchange.send(with(request, used));
        if (first.status() != 401) {
            return requireLetIn(first);
        }
        first.body().drain(ERROR_DRAINED);
        return requireLetIn(exchange.send(with(request, joined(pass(first.headers(), scope, used)))));
    }

    /** The same without waiting. The future fails with an {@link UpstreamException} only. */
    CompletableFuture<UpstreamStream> ask(
            UpstreamRequest request, Function<UpstreamRequest, CompletableFuture<UpstreamStream>> exchange) {
        String scope = scope(request.target());
        @Nullable String used = remembered(scope);
        return exchange.apply(with(request, used)).thenCompose(first -> {
            if (first.status() != 401) {
                return CompletableFuture.completedFuture(requireLetIn(first));
            }
            first.drop();
            return pass(first.headers(), scope, used)
                    .thenCompose(fresh -> exchange.apply(with(request, fresh)))
                    .thenApply(UpstreamLogin::requireLetIn);
        });
    }

    private static String joined(CompletableFuture<String> pass) throws UpstreamException {
        try {
            return pass.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof UpstreamException known) {
                throw known;
            }
            throw e;
        }
    }

    private static UpstreamStream requireLetIn(UpstreamStream stream) {
        if (stream.status() != 401 && stream.status() != 403) {
            return stream;
        }
        stream.drop();
        throw new CompletionException(refused());
    }

    /**
     * What the upstream is shown instead of what it has refused.
     *
     * @param used what was refused; absent: nothing was shown
     */
    private CompletableFuture<String> pass(HeaderLines refusal, String scope, @Nullable String used) {
        List<Challenge> challenges = refusal.all("www-authenticate").stream()
                .flatMap(line -> Challenge.parse(line).stream())
                .toList();
        Optional<Challenge> bearer =
                challenges.stream().filter(Challenge::bearer).findFirst();
        if (bearer.isPresent()) {
            return token(bearer.get(), scope, used);
        }
        if (!challenges.isEmpty() && basic.isPresent()) {
            remember(ANYTHING, basic.get(), LONG);
            return CompletableFuture.completedFuture(basic.get());
        }
        return CompletableFuture.failedFuture(refused());
    }

    /** Of all who need the same token at the same time, one buys it. */
    private CompletableFuture<String> token(Challenge challenge, String scope, @Nullable String used) {
        Purchase purchase = new Purchase(challenge.parameter("realm"), challenge.parameter("service"), scope);
        CompletableFuture<String> mine = new CompletableFuture<>();
        @Nullable CompletableFuture<String> other = buying.putIfAbsent(purchase, mine);
        if (other != null) {
            return other;
        }
        @Nullable String meanwhile = remembered(scope);
        CompletableFuture<String> bought = meanwhile != null && !meanwhile.equals(used)
                ? CompletableFuture.completedFuture(meanwhile) // Bought between our asking and our being refused.
                : realm.buy(challenge, scope, basic).thenApply(token -> keep(scope, token));
        var unused = bought.whenComplete((header, failure) -> {
            buying.remove(purchase, mine);
            if (failure == null) {
                mine.complete(header);
            } else {
                mine.completeExceptionally(failure);
            }
        });
        return mine;
    }

    private String keep(String scope, TokenRealm.Token token) {
        Duration holds = token.lifetime().minus(MARGIN);
        remember(scope, token.header(), holds.isNegative() ? Duration.ZERO : holds);
        return token.header();
    }

    private static UpstreamRequest with(UpstreamRequest request, @Nullable String authorization) {
        HeaderLines headers = request.headers().without("authorization");
        return request.with(authorization == null ? headers : headers.plus("authorization", authorization));
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
