package dev.precast.serving.auth;

import dev.precast.serving.metrics.ServingMetrics;
import dev.precast.serving.upstream.HeaderLines;
import dev.precast.serving.upstream.Upstream;
import dev.precast.serving.upstream.UpstreamException;
import dev.precast.serving.upstream.UpstreamRequest;
import dev.precast.serving.upstream.UpstreamResponse;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the upstream, with the caller's own credentials, and remembers the answer briefly per credential and repository.
 *
 * <p>The question is {@code GET /v2/<name>/tags/list?n=1}: it needs the same right as a pull, 200 says yes without doubt (a HEAD
 * of a blob that nobody has answers 404 to those who may and, with registries that hide private repositories, to those who may
 * not), and it causes no pull event, which a HEAD of a manifest does. Anything but 200 is a no, except for what says nothing about
 * the caller: 408, 429 and 5xx.
 */
public final class UpstreamAuthoriser implements Authoriser {
    /** How long a yes counts: the time within which a repository that became private is closed. */
    static final Duration ALLOWED_FOR = Duration.ofSeconds(30);
    /** How long a no counts: the time that a caller who was just let in has to wait. */
    static final Duration DENIED_FOR = Duration.ofSeconds(5);

    private static final Logger LOG = LoggerFactory.getLogger(UpstreamAuthoriser.class);
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int TAG_LIST_DRAINED = 64 << 10;

    /**
     * A yes or no to one credential is never one to another.
     *
     * @param fingerprint of the credential
     */
    private record Key(String fingerprint, String repository) {}

    /**
     * @param answeredAt when the upstream said so, on our clock
     * @param holdsUntil when it has to be asked again
     */
    private record Entry(boolean allowed, long answeredAt, long holdsUntil) {}

    private final Upstream upstream;
    private final Duration patience;
    private final Duration grace;
    private final LongSupplier nanoTime;
    private final ServingMetrics metrics;
    private final RecentlyUsed<Key, Entry> remembered = new RecentlyUsed<>(RecentlyUsed.DEFAULT_ENTRIES);
    private final ConcurrentMap<Key, CompletableFuture<Verdict>> asking = new ConcurrentHashMap<>();

    /**
     * @param timeout of one question, if it is less than ten seconds
     * @param grace how long a yes counts while the upstream cannot be asked
     * @param nanoTime a clock that only goes forward, such as {@link System#nanoTime}
     */
    public UpstreamAuthoriser(
            Upstream upstream, Duration timeout, Duration grace, LongSupplier nanoTime, ServingMetrics metrics) {
        this.upstream = upstream;
        this.patience = timeout.compareTo(PATIENCE) < 0 ? timeout : PATIENCE;
        this.grace = grace;
        this.nanoTime = nanoTime;
        this.metrics = metrics;
    }

    @Override
    public Verdict ask(String repository, Credential credential) {
        Key key = new Key(credential.fingerprint(), repository);
        @Nullable Entry entry = remembered.get(key);
        if (entry != null && nanoTime.getAsLong() - entry.holdsUntil() < 0) {
            return entry.allowed() ? Verdict.ALLOWED : Verdict.DENIED;
        }
        CompletableFuture<Verdict> mine = new CompletableFuture<>();
        CompletableFuture<Verdict> other = asking.putIfAbsent(key, mine);
        if (other != null) {
            return other.join(); // Somebody asks the same already, in bounded time.
        }
        Verdict verdict = Verdict.UNAVAILABLE;
        try {
            verdict = decide(key, probe(repository, credential));
        } finally {
            asking.remove(key, mine);
            mine.complete(verdict);
        }
        return verdict;
    }

    private Verdict decide(Key key, Verdict answer) {
        long now = nanoTime.getAsLong();
        metrics.authorisation(answer.name().toLowerCase(Locale.ROOT));
        if (answer != Verdict.UNAVAILABLE) {
            boolean allowed = answer == Verdict.ALLOWED;
            Duration holds = allowed ? ALLOWED_FOR : DENIED_FOR;
            remembered.put(key, new Entry(allowed, now, now + holds.toNanos()));
            return answer;
        }
        @Nullable Entry last = remembered.get(key);
        if (last == null || !last.allowed() || now - last.answeredAt() >= grace.toNanos()) {
            return Verdict.UNAVAILABLE;
        }
        long graceEnds = last.answeredAt() + grace.toNanos();
        long retryAt = now + RETRY_AFTER.toNanos();
        long holdsUntil = retryAt - graceEnds < 0 ? retryAt : graceEnds;
        remembered.put(key, new Entry(true, last.answeredAt(), holdsUntil));
        return Verdict.ALLOWED;
    }

    private Verdict probe(String repository, Credential credential) {
        HeaderLines headers = credential
                .header()
                .map(value -> HeaderLines.NONE.plus("authorization", value))
                .orElse(HeaderLines.NONE)
                .plus("accept", "application/json");
        UpstreamRequest question = new UpstreamRequest(false, "/v2/" + repository + "/tags/list?n=1", headers);
        try (UpstreamResponse response = upstream.send(question, patience)) {
            response.body().drain(TAG_LIST_DRAINED);
            int status = response.status();
            if (status == 200) {
                return Verdict.ALLOWED;
            }
            return status == 408 || status == 429 || status >= 500 ? Verdict.UNAVAILABLE : Verdict.DENIED;
        } catch (UpstreamException e) {
            metrics.upstreamFailure(e.kind());
            LOG.warn("Cannot ask the upstream who may read {}: {}", repository, e.getMessage());
            return Verdict.UNAVAILABLE;
        }
    }
}
