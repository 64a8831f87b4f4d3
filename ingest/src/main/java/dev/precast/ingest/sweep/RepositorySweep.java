package dev.precast.ingest.sweep;

import dev.precast.ingest.known.KnownTag;
import dev.precast.ingest.known.KnownTags;
import dev.precast.ingest.registry.Answer;
import dev.precast.ingest.registry.RegistryClient;
import dev.precast.ingest.registry.RegistryLists;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.Reference;
import dev.precast.schemas.record.Hint;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares the tags of a repository: those that the registry lists and those that are known, in random order. A tag that is not
 * known becomes a hint; a known one is asked for by HEAD, and becomes a hint when the answer is another digest, none, or a 404, or
 * when what is known of it is in doubt. A tag that is only missing from the list is asked for like any other. For one thread.
 */
final class RepositorySweep {
    private static final Logger LOG = LoggerFactory.getLogger(RepositorySweep.class);
    private static final int ATTEMPTS = 6;
    private static final long RETRY_MILLIS = 250;
    /** What a registry may ask for between attempts. */
    private static final long SHORT_MILLIS = 30_000;
    /** What is more than that is waited for once. */
    private static final int PATIENT_ATTEMPTS = 2;
    /** And what is more than that is left to the next sweep. */
    private static final long LONGEST_MILLIS = 300_000;

    /** The least that a tag costs which is read and not only compared: manifest and config. */
    private static final int REQUESTS_OF_A_READING = 2;

    private static final int BATCH = 100;
    /** Unfinished tags above which nothing more is added: events of people come first. */
    private static final int MAX_PENDING = 500;

    /** Is told of every tag compared; from several threads. */
    interface Watch {
        void listed(int more);

        void compared(boolean differs);

        /** Called now and then while tags are compared, from the sweep's own thread. */
        void breath() throws InterruptedException;
    }

    private final RegistryClient registry;
    private final RegistryLists lists;
    private final KnownTags known;
    private final HintSink sink;
    private final ExecutorService threads;
    private final int concurrency;
    private final Random random;
    private final Clock clock;
    private final Supplier<String> ids;
    /** Repositories that this process has compared with a whole list once: what is new in them since then was missed. */
    private final Set<String> whole = new HashSet<>();

    private final List<Hint> differences = new ArrayList<>();

    RepositorySweep(
            RegistryClient registry,
            KnownTags known,
            HintSink sink,
            ExecutorService threads,
            int concurrency,
            Random random,
            Clock clock,
            Supplier<String> ids) {
        this.registry = registry;
        this.lists = registry.lists();
        this.known = known;
        this.sink = sink;
        this.threads = threads;
        this.concurrency = concurrency;
        this.random = random;
        this.clock = clock;
        this.ids = ids;
    }

    /**
     * Repositories that the registry lists; none when it has no catalog for us; empty when it could not be read.
     *
     * @param listed whether the operator lists repositories: then it is no surprise that nobody lets us read the catalog
     */
    Optional<Set<String>> catalog(RateLimit rate, boolean listed) throws InterruptedException {
        Answer<Set<String>> answer = lists.catalog(new Paced(rate));
        if (answer instanceof Answer.Found<Set<String>> found) {
            return Optional.of(found.value());
        }
        Optional<Answer.Transient<Set<String>>> failure = answer instanceof Answer.Transient<Set<String>> found
                        && !(listed && found.cause() == Answer.Cause.UNAUTHORIZED)
                ? Optional.of(found)
                : Optional.empty();
        LOG.info(
                "The registry lists no repositories ({}): sweeping those that are known and those in sweep.repositories.",
                failure.map(Answer.Transient::message).orElse("it has no catalog for us"));
        return failure.isPresent() ? Optional.empty() : Optional.of(Set.of());
    }

    /**
     * Returns once every tag was compared and every difference is a durable hint.
     *
     * @return false when the registry did not list the tags though it should: only the known ones were compared
     */
    boolean sweep(String repository, RateLimit rate, Watch watch) throws InterruptedException {
        Set<String> before = known.tagsOf(repository);
        Set<String> tags = new HashSet<>(before);
        Answer<Set<String>> listed = lists.tags(repository, new Paced(rate));
        if (listed instanceof Answer.Found<Set<String>> found) {
            tags.addAll(found.value());
        } else if (listed instanceof Answer.Transient<Set<String>> failure) {
            LOG.info(
                    "The registry does not list the tags of {}: {} Sweeping those that are known.",
                    repository,
                    failure.message());
        }
        watch.listed(tags.size() - before.size());
        List<String> order = new ArrayList<>(tags);
        Collections.shuffle(order, random);
        compare(repository, order, rate, watch);
        if (listed instanceof Answer.Transient<Set<String>>) {
            return false;
        }
        whole.add(repository);
        return true;
    }

    private void compare(String repository, List<String> tags, RateLimit rate, Watch watch)
            throws InterruptedException {
        Semaphore room = new Semaphore(concurrency);
        for (String name : tags) {
            Reference tag = new Reference(repository, name);
            if (known.find(tag).isEmpty()) {
                rate.acquire(REQUESTS_OF_A_READING);
                differs(tag, whole.contains(repository) ? "push" : Hint.LOOK, null);
                watch.compared(true);
            } else {
                rate.acquire();
                registry.pass();
                room.acquire();
                threads.execute(() -> {
                    try {
                        watch.compared(check(tag, rate));
                    } catch (RuntimeException e) {
                        LOG.error("Cannot compare {}: a bug; it is read.", tag, e);
                        differs(tag, "push", null);
                    } finally {
                        room.release();
                    }
                });
            }
            flush(BATCH, watch);
            watch.breath();
        }
        room.acquire(concurrency);
        flush(1, watch);
    }

    /** Whether it differs, or may. */
    private boolean check(Reference tag, RateLimit rate) {
        Answer<Optional<Digest>> answer = registry.check(tag);
        try {
            for (int attempt = 1;
                    answer instanceof Answer.Transient<Optional<Digest>> failure && again(failure, attempt);
                    attempt++) {
                rate.acquire();
                answer = registry.check(tag);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Optional<KnownTag> now = known.find(tag); // As it is after the answer, not before: it may have moved meanwhile.
        if (answer instanceof Answer.Found<Optional<Digest>> found) {
            Digest digest = found.value().orElse(null);
            if (digest != null && now.isPresent() && now.get().pointsTo(digest)) {
                return !now.get().certain() && differs(tag, Hint.RECHECK, null);
            }
            return differs(tag, "push", digest);
        }
        // Nothing certain could be learnt: the resolver has more patience.
        return differs(tag, answer instanceof Answer.Absent<Optional<Digest>> ? "delete" : "push", null);
    }

    private boolean differs(Reference tag, String action, @Nullable Digest digest) {
        Hint hint = new Hint("sweep", action, tag.repository(), tag.tag(), digest, ids.get(), clock.instant());
        synchronized (differences) {
            differences.add(hint);
        }
        return true;
    }

    private void flush(int least, Watch watch) throws InterruptedException {
        List<Hint> batch;
        synchronized (differences) {
            if (differences.size() < least) {
                return;
            }
            batch = List.copyOf(differences);
            differences.clear();
        }
        while (sink.pending() > MAX_PENDING) {
            TimeUnit.MILLISECONDS.sleep(20);
            watch.breath();
        }
        sink.append(batch);
    }

    /** Lists at the sweep's rate. */
    private final class Paced implements RegistryLists.Patience {
        private final RateLimit rate;

        Paced(RateLimit rate) {
            this.rate = rate;
        }

        @Override
        public void turn() throws InterruptedException {
            rate.acquire();
            registry.pass();
        }

        @Override
        public boolean again(Answer.Transient<?> failure, int attempt) throws InterruptedException {
            return RepositorySweep.this.again(failure, attempt);
        }
    }

    private boolean again(Answer.Transient<?> failure, int attempt) throws InterruptedException {
        long asked = failure.retryAfter().map(Duration::toMillis).orElse(0L);
        int attempts = asked <= SHORT_MILLIS ? ATTEMPTS : PATIENT_ATTEMPTS;
        if (attempt >= attempts || asked > LONGEST_MILLIS || failure.cause() == Answer.Cause.UNAUTHORIZED) {
            return false;
        }
        long ceiling = RETRY_MILLIS << attempt;
        TimeUnit.MILLISECONDS.sleep(asked + (long) (ceiling * random.nextDouble()));
        return true;
    }
}
