package dev.precast.ingest.resolver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.ingest.IngestConfig;
import dev.precast.ingest.registry.Answer;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.Reference;
import dev.precast.schemas.record.Hint;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class TagQueueTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    private static final Reference TAG = new Reference("library/hello", "v1");
    private static final Digest ONE = Digest.sha256(new byte[] {1});
    private static final Digest TWO = Digest.sha256(new byte[] {2});

    private final List<String> finished = new ArrayList<>();
    private final TagQueue queue = new TagQueue(
            Patience.of(
                    IngestConfig.from(Map.of("resolver.reread.delays", "0,20")).resolver()),
            4,
            () -> 0.5,
            System::nanoTime);

    @Test
    void agreement_finishesTheHint() throws InterruptedException {
        offer("a", ONE);
        TagQueue.Work work = queue.take();
        assertThat(settle(work, ONE)).isEqualTo(new TagState.Next.Finish());

        assertThat(finished).containsExactly("a");
        assertThat(queue.pending()).isZero();
    }

    @Test
    void newerHint_takesOver_andFinishesTheOlderOne() throws InterruptedException {
        offer("a", ONE);
        offer("b", TWO);

        assertThat(finished).containsExactly("a");
        settle(queue.take(), TWO);
        assertThat(finished).containsExactly("a", "b");
    }

    @Test
    void hintDuringAReading_causesAnother_evenIfTheReadingAgrees() throws InterruptedException {
        offer("a", ONE);
        TagQueue.Work first = queue.take();
        offer("b", ONE);
        settle(first, ONE);
        assertThat(finished).containsExactly("a");

        settle(queue.take(), ONE);
        assertThat(finished).containsExactly("a", "b");
    }

    @Test
    void hintBetweenDecisionAndSettlement_isNotLost() throws InterruptedException {
        offer("a", ONE);
        TagQueue.Work first = queue.take();
        TagState.Decision decision = queue.decide(first, new Seen.Image(ONE, ONE, true, Seen.Before.NOTHING_SURE))
                .orElseThrow();
        offer("b", TWO);
        queue.settle(first, decision.next());

        assertThat(queue.take().hint().eventId()).isEqualTo("b");
        assertThat(finished).containsExactly("a");
    }

    @Test
    void disagreement_comesBackAfterItsDelay_knowingTheRoot() throws InterruptedException {
        offer("a", TWO);
        settle(queue.take(), ONE);
        TagQueue.Work again = queue.take();
        assertThat(again.known()).contains(ONE);
        settle(again, ONE);
        settle(queue.take(), TWO);

        assertThat(finished).containsExactly("a");
    }

    @Test
    void newHint_outdatesTheTimer() throws InterruptedException {
        offer("a", TWO);
        settle(queue.take(), ONE);
        TagQueue.Work second = queue.take();
        queue.decide(second, new Seen.Failure(Answer.Cause.TIMEOUT, Optional.empty()));
        queue.settle(second, new TagState.Next.Read(Duration.ofMillis(30), false));
        offer("b", TWO);
        settle(queue.take(), TWO);
        assertThat(queue.pending()).isZero();

        Thread.sleep(50); // The outdated timer is due now, and must find nothing to do.
        offer("c", ONE);
        assertThat(queue.take().hint().eventId()).isEqualTo("c");
        assertThat(queue.inFlight()).isEqualTo(1);
    }

    @Test
    void tagThatWaitsForATimer_isPending_butNotReady() throws InterruptedException {
        offer("a", ONE);
        assertThat(queue.ready()).isEqualTo(1);
        TagQueue.Work work = queue.take();
        assertThat(queue.ready()).isEqualTo(1);

        queue.settle(work, new TagState.Next.Read(Duration.ofHours(1), false));
        assertThat(queue.ready()).isZero();
        assertThat(queue.pending()).isEqualTo(1);
        offer("b", TWO);
        assertThat(queue.ready()).isEqualTo(1);
    }

    @Test
    void newHint_waitsForAsLongAsTheRegistryAskedTo() throws InterruptedException {
        Seen limited = new Seen.Failure(Answer.Cause.RATE_LIMITED, Optional.of(Duration.ofHours(1)));
        offer("a", ONE);
        TagQueue.Work work = queue.take();
        offer("during the reading", TWO);
        queue.settle(work, queue.decide(work, limited).orElseThrow().next());
        assertThat(queue.ready()).isZero();

        offer("afterwards", ONE);
        assertThat(queue.ready()).isZero();
        assertThat(queue.pending()).isEqualTo(1);
    }

    @Test
    void hintThatIsPutBack_waitsForAsLongAsTheRegistryAskedTo() throws InterruptedException {
        Seen limited = new Seen.Failure(Answer.Cause.RATE_LIMITED, Optional.of(Duration.ofHours(1)));
        offer("a", ONE);
        TagQueue.Work work = queue.take();
        queue.decide(work, limited);
        queue.settle(work, new TagState.Next.Requeue());
        assertThat(finished).containsExactly("a");

        offer("a again", ONE);
        assertThat(queue.ready()).isZero();
        assertThat(queue.pending()).isEqualTo(1);
    }

    @Test
    void newHint_doesNotWaitForAPlainBackoff() throws InterruptedException {
        offer("a", ONE);
        TagQueue.Work work = queue.take();
        Seen failed = new Seen.Failure(Answer.Cause.TIMEOUT, Optional.empty());
        queue.settle(work, queue.decide(work, failed).orElseThrow().next());
        assertThat(queue.ready()).isZero();

        offer("b", ONE);
        assertThat(queue.ready()).isEqualTo(1);
    }

    @Test
    void droppedTag_isNeitherReadNorFinished() throws InterruptedException {
        offer("a", ONE);
        TagQueue.Work work = queue.take();
        offer("b", TWO);
        finished.clear();
        queue.drop(partition -> partition == 3);

        assertThat(queue.decide(work, new Seen.Image(TWO, TWO, true, Seen.Before.NOTHING_SURE)))
                .isEmpty();
        queue.settle(work, new TagState.Next.Finish());
        assertThat(finished).isEmpty();
        assertThat(queue.pending()).isZero();
        assertThat(queue.inFlight()).isZero();
    }

    @Test
    void droppedTag_ofWhichSomethingWasDecided_isWaitedFor() throws InterruptedException {
        offer("a", ONE);
        TagQueue.Work work = queue.take();
        assertThat(queue.awaitWritten(partition -> true, Duration.ZERO))
                .as("read, but nothing is decided")
                .isTrue();
        TagState.Decision decision = queue.decide(work, new Seen.Image(ONE, ONE, true, Seen.Before.NOTHING_SURE))
                .orElseThrow();
        assertThat(queue.holds(work)).isTrue();
        queue.drop(partition -> partition == 3);

        assertThat(queue.holds(work)).isFalse();
        assertThat(queue.awaitWritten(partition -> partition == 3, Duration.ZERO))
                .isFalse();
        assertThat(queue.awaitWritten(partition -> partition == 4, Duration.ZERO))
                .isTrue();
        Thread writer = new Thread(() -> queue.settle(work, decision.next()));
        writer.start();
        assertThat(queue.awaitWritten(partition -> partition == 3, Duration.ofSeconds(20)))
                .isTrue();
        writer.join();
    }

    @Test
    void droppedTag_thatComesBack_isReadAnew() throws InterruptedException {
        offer("a", ONE);
        queue.drop(partition -> true);
        offer("b", TWO);

        assertThat(queue.take().hint().eventId()).isEqualTo("b");
    }

    private void offer(String id, @Nullable Digest digest) {
        Hint hint = new Hint("test", "push", TAG.repository(), TAG.tag(), digest, id, NOW);
        queue.offer(TAG, new TagQueue.Ticket(3, hint, () -> finished.add(id)));
    }

    private TagState.Next settle(TagQueue.Work work, Digest seen) {
        TagState.Decision decision = queue.decide(work, new Seen.Image(seen, seen, true, Seen.Before.NOTHING_SURE))
                .orElseThrow();
        queue.settle(work, decision.next());
        return decision.next();
    }
}
