package dev.precast.serving.auth;

import dev.precast.serving.metrics.Lookups;
import dev.precast.serving.metrics.ServingMetrics;
import dev.precast.serving.upstream.HeaderLines;
import dev.precast.serving.upstream.Upstream;
import dev.precast.serving.upstream.UpstreamException;
import dev.precast.serving.upstream.UpstreamRequest;
import dev.precast.serving.upstream.UpstreamResponse;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
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
 * the caller: 408, 429 and 5xx. While the upstream cannot be asked, only what everybody could read lately is let out.
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
     * @param askedAt when the upstream was asked, on our clock
     * @param holdsUntil when it has to be asked again
     */
    private record Entry(long askedAt, long holdsUntil) {}

    private final Upstream upstream;
    private final Duration patience;
    private final Duration grace;
    private final LongSupplier nanoTime;
    private final Fingerprints fingerprints;
    private final ServingMetrics metrics;
    private final Lookups lookups = new Lookups();
    private final SharedQuestions<Key, Verdict> questions = new SharedQuestions<>();
    private final RecentlyUsed<Key, Entry> allowed = new RecentlyUsed<>(RecentlyUsed.DEFAULT_ENTRIES);
    /** Apart from those who may, so that nobody can make them forgotten by guessing. */
    private final RecentlyUsed<Key, Entry> denied = new RecentlyUsed<>(RecentlyUsed.DEFAULT_ENTRIES);

    /**
     * @param timeout of one question, if it is less than ten seconds
     * @param grace how long an anonymous yes counts, for everyone, while the upstream cannot be asked
     * @param nanoTime a clock that only goes forward, such as {@link System#nanoTime}
     */
    public UpstreamAuthoriser(
            Upstream upstream,
            Duration timeout,
            Duration grace,
            LongSupplier nanoTime,
            Fingerprints fingerprints,
            ServingMetrics metrics) {
        this.upstream = upstream;
        this.patience = timeout.compareTo(PATIENCE) < 0 ? timeout : PATIENCE;
        this.grace = grace;
        this.nanoTime = nanoTime;
        this.fingerprints = fingerprints;
        this.metrics = metrics;
        metrics.cache("rulings", lookups);
    }

    @Override
    public Ruling enter(Credential credential) {
        return Ruling.Plain.UPSTREAM;
    }

    @Override
    public Ruling read(String repository, Credential credential) {
        return ruling(ask(repository, credential));
    }

    @Override
    public Optional<Ruling> remembered(String repository, Credential credential) {
        Verdict known = known(new Key(fingerprints.of(credential), repository));
        if (known == null) {
            return Optional.empty(); // Whoever asks next counts it as missing.
        }
        lookups.hit();
        return Optional.of(ruling(known));
    }

    private static Ruling ruling(Verdict verdict) {
        return switch (verdict) {
            case ALLOWED -> Ruling.Plain.ALLOWED;
            case DENIED -> Ruling.Plain.UPSTREAM;
            case UNAVAILABLE ->
                Ruling.unavailable("the upstream registry cannot be asked who may read, please try again");
        };
    }

    @Override
    public Ruling list(Credential credential) {
        return Ruling.Plain.UPSTREAM;
    }

    Verdict ask(String repository, Credential credential) {
        Key key = new Key(fingerprints.of(credential), repository);
        Verdict known = lookups.counted(known(key));
        if (known != null) {
            return known;
        }
        return questions.ask(key, Verdict.UNAVAILABLE, () -> {
            Verdict meanwhile = known(key); // Somebody's question may have ended between looking and asking.
            long now = nanoTime.getAsLong();
            return meanwhile != null ? meanwhile : decide(key, now, probe(repository, credential));
        });
    }

    private @Nullable Verdict known(Key key) {
        if (holds(allowed.get(key))) {
            return Verdict.ALLOWED;
        }
        return holds(denied.get(key)) ? Verdict.DENIED : null;
    }

    private boolean holds(@Nullable Entry entry) {
        return entry != null && nanoTime.getAsLong() - entry.holdsUntil() < 0;
    }

    /** @param now when the upstream was asked: from then on its answer may be outdated */
    private Verdict decide(Key key, long now, Verdict answer) {
        metrics.authorisation(answer.name().toLowerCase(Locale.ROOT));
        switch (answer) {
            case ALLOWED -> {
                denied.remove(key);
                allowed.put(key, new Entry(now, now + ALLOWED_FOR.toNanos()));
            }
            case DENIED -> {
                allowed.remove(key);
                denied.put(key, new Entry(now, now + DENIED_FOR.toNanos()));
            }
            case UNAVAILABLE -> {
                return knownPublic(key, now) ? Verdict.ALLOWED : Verdict.UNAVAILABLE;
            }
        }
        return answer;
    }

    /** Whether the upstream lately let everybody in; then the one who asks need not wait for it, and asks again soon. */
    private boolean knownPublic(Key key, long now) {
        Entry last = allowed.get(new Key(fingerprints.of(Credential.ANONYMOUS), key.repository()));
        if (last == null || now - last.askedAt() >= grace.toNanos()) {
            return false;
        }
        long graceEnds = last.askedAt() + grace.toNanos();
        long retryAt = now + RETRY_AFTER.toNanos();
        allowed.put(key, new Entry(last.askedAt(), retryAt - graceEnds < 0 ? retryAt : graceEnds));
        return true;
    }

    private Verdict probe(String repository, Credential credential) {
        HeaderLines headers = credential
                .header()
                .map(value -> HeaderLines.NONE.plus("authorization", value))
                .orElse(HeaderLines.NONE)
                .plus("accept", "application/json");
        UpstreamRequest question = new UpstreamRequest(
                false, "/v2/" + repository + "/tags/list?n=1", headers, UpstreamRequest.Purpose.AUTH);
        try (UpstreamResponse response = upstream.send(question, patience)) {
            response.body().drain(TAG_LIST_DRAINED);
            int status = response.status();
            if (status == 200) {
                return Verdict.ALLOWED;
            }
            return status == 408 || status == 429 || status >= 500 ? Verdict.UNAVAILABLE : Verdict.DENIED;
        } catch (UpstreamException e) {
            metrics.upstreamFailure(e.kind());
            if (e.kind().equals("refused")) {
                // A credential that cannot be sent on opens nothing, and whoever relays it says so.
                return Verdict.DENIED;
            }
            LOG.warn("Cannot ask the upstream who may read {}: {}", repository, e.getMessage());
            return Verdict.UNAVAILABLE;
        }
    }
}
