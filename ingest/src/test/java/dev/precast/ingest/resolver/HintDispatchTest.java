package dev.precast.ingest.resolver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.ingest.GuardConfig;
import dev.precast.ingest.IngestConfig;
import dev.precast.ingest.known.KnownTag;
import dev.precast.ingest.known.KnownTags;
import dev.precast.ingest.sweep.SweepRequest;
import dev.precast.ingest.sweep.Sweeps;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.Reference;
import dev.precast.schemas.record.Blob;
import dev.precast.schemas.record.Hint;
import dev.precast.schemas.record.ImageRecord;
import dev.precast.schemas.record.ResolverState;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class HintDispatchTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    private static final String REPOSITORY = "library/hello";
    private static final Digest ONE = Digest.sha256(new byte[] {1});
    private static final Digest TWO = Digest.sha256(new byte[] {2});
    private static final Digest CHILD = Digest.sha256(new byte[] {3});

    private final KnownTags known = new KnownTags(8);
    private final TagQueue queue =
            new TagQueue(Patience.of(IngestConfig.from(Map.of()).resolver()), 100, () -> 0.5, System::nanoTime);
    private final DeleteGuard guard = new DeleteGuard(
            new GuardConfig(0, 0, Duration.ofHours(1)), known::size, Clock.fixed(NOW, ZoneOffset.UTC), () -> 0);
    private final List<SweepRequest> sweeps = new ArrayList<>();
    private final Map<Integer, ResolverState.Sweep> resumed = new TreeMap<>();
    private final HintDispatch dispatch = new HintDispatch(queue, known, guard, new Sweeps() {
        @Override
        public void request(SweepRequest request) {
            sweeps.add(request);
        }

        @Override
        public void resume(int partition, ResolverState.Sweep saved) {
            resumed.put(partition, saved);
        }
    });
    private final AtomicInteger finished = new AtomicInteger();

    @BeforeEach
    void fill() {
        know(REPOSITORY, "a", ONE);
        know(REPOSITORY, "b", ONE);
        know(REPOSITORY, "c", TWO);
        know(REPOSITORY, "list", TWO, CHILD);
        know("other", "a", ONE);
    }

    @Test
    void sweepOfTheProcessBefore_isHandedOn() {
        ResolverState.Sweep half = new ResolverState.Sweep(4, 2, 10, 5, 1, false, 17L, "library/hello", 0);
        dispatch.assigned(3, new ResolverState(1, 0, false, half));
        dispatch.assigned(4, new ResolverState(1, 0, false, null));

        assertThat(resumed).containsExactly(Map.entry(3, half));
    }

    @Test
    void tag_isLookedAt() throws InterruptedException {
        assertThat(take("push", REPOSITORY, "new", ONE)).isTrue();

        assertThat(work(1)).containsExactlyEntriesOf(Map.of("library/hello:new", "push"));
        assertThat(finished).hasValue(1);
    }

    @Test
    void deleteByDigest_looksAtTheTagsThatPointThere() throws InterruptedException {
        assertThat(take("delete", REPOSITORY, null, ONE)).isTrue();

        assertThat(queue.pending()).isEqualTo(2);
        assertThat(finished).hasValue(0);
        assertThat(work(1)).hasSize(1);
        assertThat(finished).as("one tag is not all").hasValue(0);
        assertThat(work(1)).hasSize(1);
        assertThat(finished).hasValue(1);
    }

    /** Its manifest may have been read before it was deleted, and is written a moment later. */
    @Test
    void deleteByDigest_looksAlsoAtWhatIsBeingRead() throws InterruptedException {
        take("push", REPOSITORY, "new", ONE);
        TagQueue.Work reading = queue.take();
        take("delete", REPOSITORY, null, ONE);
        queue.settle(reading, new TagState.Next.Finish());

        assertThat(work(3)).containsEntry("library/hello:new", "look").containsEntry("library/hello:a", "delete");
        assertThat(finished).as("the push and the delete").hasValue(2);
    }

    @Test
    void deleteByDigest_inAnUnknownRepository_looksAtWhatIsBeingRead_andListsTheRest() throws InterruptedException {
        take("push", "unknown", "new", ONE);
        TagQueue.Work reading = queue.take();
        take("delete", "unknown", null, ONE);
        queue.settle(reading, new TagState.Next.Finish());

        assertThat(work(1)).containsExactlyEntriesOf(Map.of("unknown:new", "look"));
        assertThat(finished).as("the push alone").hasValue(1);
        assertThat(sweeps).singleElement().satisfies(sweep -> sweep.finish().run());
        assertThat(finished).hasValue(2);
    }

    @Test
    void deleteByDigest_ofAChild_looksAtTheList_andExpectsNothing() throws InterruptedException {
        take("delete", REPOSITORY, null, CHILD);

        assertThat(work(1)).containsExactlyEntriesOf(Map.of("library/hello:list", "look"));
        assertThat(finished).hasValue(1);
    }

    @Test
    void digestThatNobodyHas_isNobodysBusiness() {
        take("push", REPOSITORY, null, Digest.sha256(new byte[] {9}));

        assertThat(queue.pending()).isZero();
        assertThat(finished).hasValue(1);
    }

    @Test
    void deleteOfARepository_looksAtAllItsTags() throws InterruptedException {
        take("delete", REPOSITORY, null, null);

        assertThat(work(4).values()).containsOnly("delete").hasSize(4);
        assertThat(finished).hasValue(1);
    }

    @Test
    void unknownRepository_isListed() {
        take("push", "unknown", null, ONE);

        assertThat(sweeps).singleElement().satisfies(request -> {
            assertThat(request.repository()).contains("unknown");
            assertThat(finished).hasValue(0);
            request.finish().run();
        });
        assertThat(finished).hasValue(1);
    }

    @Test
    void sync_isASweepOfAllOrOne() {
        take(Hint.SYNC, Hint.EVERY_REPOSITORY, null, null);
        take(Hint.SYNC, "unknown", null, null);

        assertThat(sweeps.stream().map(SweepRequest::repository).toList())
                .containsExactly(Optional.empty(), Optional.of("unknown"));
        assertThat(sweeps).allSatisfy(request -> assertThat(request.partition()).isEqualTo(3));
    }

    @Test
    void release_looksAgainAtWhatIsHeld_inItsPartition() throws InterruptedException {
        assertThat(guard.admit(new Reference(REPOSITORY, "a"))).isFalse();
        int partition = known.partition(REPOSITORY);
        take(Hint.RELEASE_DELETES, Hint.EVERY_REPOSITORY, null, null, (partition + 1) % 8);
        assertThat(queue.pending()).as("another partition's").isZero();
        assertThat(guard.held()).isEqualTo(1);
        finished.set(0);
        take(Hint.RELEASE_DELETES, Hint.EVERY_REPOSITORY, null, null, partition);

        assertThat(work(1)).containsExactlyEntriesOf(Map.of("library/hello:a", "delete"));
        assertThat(finished).hasValue(1);
        assertThat(guard.admit(new Reference(REPOSITORY, "a"))).isTrue();
    }

    @Test
    void whatIsNoName_isRefused() {
        assertThat(take("push", "Not/One", "a", ONE)).isFalse();
        assertThat(take("push", REPOSITORY, "no tag", ONE)).isFalse();
        assertThat(take("push", Hint.EVERY_REPOSITORY, null, null)).isFalse();
        assertThat(queue.pending()).isZero();
    }

    @Test
    void hotRepository_delaysAnotherByOneReading_notByAll() throws InterruptedException {
        for (int i = 0; i < 5000; i++) {
            take("push", "hot", "t" + i, ONE);
        }
        take("push", "cold", "v1", ONE);

        List<String> first = List.of(
                queue.take().reference().repository(), queue.take().reference().repository());
        assertThat(first).containsExactly("hot", "cold");
    }

    private boolean take(String action, String repository, @Nullable String tag, @Nullable Digest digest) {
        return take(action, repository, tag, digest, 3);
    }

    private boolean take(
            String action, String repository, @Nullable String tag, @Nullable Digest digest, int partition) {
        Hint hint = new Hint("test", action, repository, tag, digest, "id", NOW);
        return dispatch.take(hint, partition, 17, finished::incrementAndGet);
    }

    /** Does the next pieces of work: tag to action. */
    private Map<String, String> work(int count) throws InterruptedException {
        Map<String, String> done = new TreeMap<>();
        for (int i = 0; i < count; i++) {
            TagQueue.Work work = queue.take();
            done.put(work.reference().toString(), work.hint().action());
            queue.settle(work, new TagState.Next.Finish());
        }
        return done;
    }

    private void know(String repository, String tag, Digest root, Digest... children) {
        ImageRecord image = new ImageRecord(
                repository,
                tag,
                1,
                NOW,
                root,
                null,
                Arrays.stream(children).map(child -> new Blob(child, "", "")).toList(),
                List.of(),
                List.of(),
                null);
        known.put(new Reference(repository, tag), KnownTag.of(image, root, true));
    }
}
