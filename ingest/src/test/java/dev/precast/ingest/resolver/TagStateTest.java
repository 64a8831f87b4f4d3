package dev.precast.ingest.resolver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.ingest.registry.Answer.Cause;
import dev.precast.ingest.resolver.Expectation.Told;
import dev.precast.ingest.resolver.Seen.Before;
import dev.precast.ingest.resolver.TagState.Decision;
import dev.precast.ingest.resolver.TagState.Next;
import dev.precast.ingest.resolver.TagState.Write;
import dev.precast.schemas.image.Digest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TagStateTest {
    private static final Duration T0 = Duration.ofHours(-7);
    private static final Digest OLD = Digest.sha256(new byte[] {1});
    private static final Digest NEW = Digest.sha256(new byte[] {2});
    private static final Expectation PUSH = new Expectation(Told.DIGEST, NEW);
    private static final Expectation ANY = new Expectation(Told.LOOK, null);
    private static final Expectation PUSHED = new Expectation(Told.PUSHED, null);
    private static final Expectation DELETE = new Expectation(Told.DELETED, null);
    private static final Patience PATIENCE = new Patience(
            List.of(Duration.ZERO, Duration.ofMillis(50), Duration.ofSeconds(60)),
            Duration.ofMillis(200),
            Duration.ofSeconds(60),
            Duration.ofSeconds(30),
            Duration.ofSeconds(40),
            Duration.ofMinutes(5));

    @Test
    void reading_thatAgrees_isWrittenAndFinishes() {
        Decision decision = see(TagState.start(PUSH), image(NEW));

        assertThat(decision.write()).isEqualTo(Write.IMAGE);
        assertThat(decision.next()).isEqualTo(new Next.Finish());
    }

    @Test
    void anyReading_agreesWithHintWithoutDigest() {
        assertThat(see(TagState.start(ANY), image(OLD)).next()).isEqualTo(new Next.Finish());
    }

    @Test
    void pushWithoutDigest_isReadAgainTwice() {
        Decision first = see(TagState.start(PUSHED), image(OLD));
        Decision second = see(first.state(), image(OLD));
        Decision third = see(second.state(), image(NEW));

        assertThat(List.of(first, second, third)).extracting(Decision::write).containsOnly(Write.IMAGE);
        assertThat(List.of(first, second, third))
                .extracting(Decision::next)
                .containsExactly(read(Duration.ofMillis(500)), read(Duration.ofSeconds(2)), new Next.Finish());
    }

    @Test
    void weakerHint_leavesTheExpectationAndItsSchedule() {
        TagState tired =
                see(see(TagState.start(PUSH), image(OLD)).state(), image(OLD)).state();

        for (Expectation weaker : List.of(PUSHED, ANY, new Expectation(Told.RECHECK, null))) {
            assertThat(see(tired.hinted(weaker), image(OLD)).next())
                    .as("%s", weaker)
                    .isEqualTo(read(Duration.ofMillis(50)));
        }
    }

    @Test
    void anyHint_takesOverFromADelete_andADeleteFromAny() {
        TagState deleted = TagState.start(DELETE);
        for (Expectation other : List.of(PUSH, PUSHED, ANY)) {
            assertThat(deleted.hinted(other).expected()).isEqualTo(other);
            assertThat(TagState.start(other).hinted(DELETE).expected()).isEqualTo(DELETE);
        }
    }

    @Test
    void staleReadings_areWrittenAndRepeatedOnTheSchedule_thenGivenUp() {
        Decision first = see(TagState.start(PUSH), image(OLD));
        Decision second = see(first.state(), image(OLD));
        Decision third = see(second.state(), image(OLD));
        Decision fourth = see(third.state(), image(OLD));

        assertThat(List.of(first, second, third, fourth))
                .extracting(Decision::next)
                .containsExactly(
                        read(Duration.ZERO),
                        read(Duration.ofMillis(50)),
                        read(Duration.ofSeconds(60)),
                        new Next.Finish());
        assertThat(List.of(first, second, third, fourth))
                .extracting(Decision::write)
                .containsOnly(Write.IMAGE);
    }

    @Test
    void staleReading_thenAgreement_stopsEarly() {
        Decision stale = see(TagState.start(PUSH), image(OLD));

        assertThat(see(stale.state(), image(NEW)).next()).isEqualTo(new Next.Finish());
    }

    @Test
    void readingFromBeforeTheNewestHint_isWrittenButSettlesNothing() {
        Decision decision = TagState.start(PUSH).on(image(NEW), false, T0, 0.5, PATIENCE);

        assertThat(decision.write()).isEqualTo(Write.IMAGE);
        assertThat(decision.next()).isEqualTo(read(Duration.ZERO));
        assertThat(decision.state().disagreements()).isZero();
    }

    @Test
    void newerHint_startsTheScheduleAgain() {
        TagState tired =
                see(see(TagState.start(PUSH), image(OLD)).state(), image(OLD)).state();

        assertThat(see(tired.hinted(PUSH), image(OLD)).next()).isEqualTo(read(Duration.ZERO));
    }

    @Test
    void tagThatMovedOnBeforeItsEventCame_isReadAgainWithoutHurry() {
        TagState passed = see(TagState.start(ANY), image(NEW)).state();
        Decision ahead = see(passed.hinted(PUSH), image(OLD));

        assertThat(ahead.write()).isEqualTo(Write.IMAGE);
        assertThat(ahead.next()).isEqualTo(read(Duration.ofSeconds(60)));
        assertThat(see(ahead.state(), image(NEW)).next()).isEqualTo(new Next.Finish());
    }

    @Test
    void tagThatIsNotYetWrittenAnew_isReadAgainAtOnce_howeverOftenItMoved() {
        TagState state = TagState.start(ANY);
        for (int i = 0; i < 20; i++) {
            state = see(state, image(Digest.sha256(new byte[] {3, (byte) i}))).state();
        }

        assertThat(see(state.hinted(PUSH), image(OLD)).next()).isEqualTo(read(Duration.ZERO));
        assertThat(state.read()).hasSize(8);
    }

    @Test
    void tagNotYetThere_isReadOnTheSchedule() {
        Decision decision = see(TagState.start(PUSH), new Seen.Gone(false));

        assertThat(decision.write()).isEqualTo(Write.NOTHING);
        assertThat(decision.next()).isEqualTo(read(Duration.ZERO));
    }

    @Test
    void deletedTag_isConfirmedAfterTheInterval() {
        Decision first = see(TagState.start(DELETE), new Seen.Gone(false));
        assertThat(first.write()).isEqualTo(Write.NOTHING);
        assertThat(first.next()).isEqualTo(new Next.Read(Duration.ofSeconds(30), true));

        Decision second = first.state().on(new Seen.Gone(true), true, T0.plusSeconds(30), 0.5, PATIENCE);
        assertThat(second.write()).isEqualTo(Write.TOMBSTONE);
        assertThat(second.next()).isEqualTo(new Next.Finish());
    }

    @Test
    void secondAbsence_tooEarlyOrUnconfirmed_isNoTombstone() {
        TagState absent = see(TagState.start(DELETE), new Seen.Gone(false)).state();

        Decision early = absent.on(new Seen.Gone(true), true, T0.plusSeconds(29), 0.5, PATIENCE);
        Decision unconfirmed = absent.on(new Seen.Gone(false), true, T0.plusSeconds(31), 0.5, PATIENCE);

        assertThat(early)
                .isEqualTo(new Decision(early.state(), Write.NOTHING, new Next.Read(Duration.ofSeconds(1), true)));
        assertThat(unconfirmed)
                .isEqualTo(new Decision(unconfirmed.state(), Write.NOTHING, new Next.Read(Duration.ZERO, true)));
    }

    @Test
    void tagFoundAgain_startsTheConfirmationOver() {
        TagState absent = see(TagState.start(DELETE), new Seen.Gone(false)).state();
        TagState found =
                absent.on(image(OLD), true, T0.plusSeconds(30), 0.5, PATIENCE).state();

        Decision decision = found.on(new Seen.Gone(true), true, T0.plusSeconds(60), 0.5, PATIENCE);

        assertThat(decision.write()).isEqualTo(Write.NOTHING);
        assertThat(decision.next()).isEqualTo(new Next.Read(Duration.ofSeconds(30), true));
    }

    @Test
    void pushAfterDelete_forgetsTheAbsence() {
        TagState absent = see(TagState.start(DELETE), new Seen.Gone(false)).state();

        assertThat(absent.hinted(PUSH).absentSince()).isNull();
        assertThat(absent.hinted(DELETE).absentSince()).isEqualTo(T0);
    }

    @Test
    void pushedTag_thatNeverAppears_isATombstoneInTheEnd() {
        TagState state = TagState.start(PUSH);
        for (int i = 0; i < 3; i++) {
            Decision decision = see(state, new Seen.Gone(false));
            assertThat(decision.write()).isEqualTo(Write.NOTHING);
            state = decision.state();
        }
        Decision asking = state.on(new Seen.Gone(false), true, T0.plusSeconds(61), 0.5, PATIENCE);
        assertThat(asking.next()).isEqualTo(new Next.Read(Duration.ZERO, true));

        Decision last = asking.state().on(new Seen.Gone(true), true, T0.plusSeconds(61), 0.5, PATIENCE);
        assertThat(last.write()).isEqualTo(Write.TOMBSTONE);
    }

    @Test
    void failures_backOffWithJitter_andHonourRetryAfter() {
        Decision first = see(TagState.start(PUSH), failure(Optional.empty()));
        Decision second = see(first.state(), failure(Optional.empty()));
        Decision third = see(second.state(), failure(Optional.of(Duration.ofSeconds(7))));

        assertThat(List.of(first, second, third)).extracting(Decision::write).containsOnly(Write.NOTHING);
        assertThat(first.next()).isEqualTo(read(Duration.ofMillis(100)));
        assertThat(second.next()).isEqualTo(read(Duration.ofMillis(200)));
        assertThat(third.next()).isEqualTo(read(Duration.ofMillis(7400)));
    }

    @Test
    void failure_isNoAbsence() {
        TagState absent = see(TagState.start(DELETE), new Seen.Gone(false)).state();

        assertThat(see(absent, failure(Optional.empty())).write()).isEqualTo(Write.NOTHING);
    }

    @Test
    void failures_forTooLong_sendTheHintToTheEnd() {
        TagState failing = see(TagState.start(PUSH), failure(Optional.empty())).state();

        Decision decision = failing.on(failure(Optional.empty()), true, T0.plus(Duration.ofMinutes(5)), 0.5, PATIENCE);

        assertThat(decision.next()).isEqualTo(new Next.Requeue());
    }

    @Test
    void doubtfulReading_isBelievedTheFifthTime_butSettlesNothing() {
        List<Decision> decisions = new ArrayList<>();
        TagState state = TagState.start(PUSH);
        for (int i = 0; i < 6; i++) {
            decisions.add(see(state, doubtful(NEW)));
            state = decisions.get(i).state();
        }

        assertThat(decisions)
                .extracting(Decision::write)
                .containsExactly(Write.NOTHING, Write.NOTHING, Write.NOTHING, Write.NOTHING, Write.IMAGE, Write.IMAGE);
        assertThat(decisions)
                .extracting(Decision::next)
                .containsExactly(
                        read(Duration.ofMillis(20)),
                        read(Duration.ofMillis(50)),
                        read(Duration.ofMillis(100)),
                        read(Duration.ofMillis(200)),
                        read(Duration.ZERO),
                        read(Duration.ofMillis(50)));
        assertThat(see(state, image(NEW)).next()).isEqualTo(new Next.Finish());
    }

    @Test
    void doubtThatWouldReplaceWhatIsCertain_mustLast() {
        Seen broken = new Seen.Image(NEW, NEW, false, Before.OTHER);
        List<Decision> decisions = new ArrayList<>();
        TagState state = TagState.start(PUSH);
        for (int i = 0; i < 5; i++) {
            decisions.add(state.on(broken, true, T0.plusSeconds(10L * i), 0.5, PATIENCE));
            state = decisions.get(i).state();
        }

        assertThat(decisions)
                .extracting(Decision::write)
                .containsExactly(Write.NOTHING, Write.NOTHING, Write.NOTHING, Write.NOTHING, Write.IMAGE);
        assertThat(decisions.subList(0, 4)).extracting(Decision::next).containsOnly(read(Duration.ofSeconds(10)));
    }

    @Test
    void hintsInBetween_doNotMakeADoubtLast() {
        Seen broken = new Seen.Image(NEW, NEW, false, Before.OTHER);
        TagState state = TagState.start(PUSH);
        for (int i = 0; i < 20; i++) {
            Decision decision = state.on(broken, true, T0.plusSeconds(i), 0.5, PATIENCE);
            assertThat(decision.write()).isEqualTo(Write.NOTHING);
            state = decision.state().hinted(PUSH);
        }

        assertThat(state.on(broken, true, T0.plusSeconds(30), 0.5, PATIENCE).next())
                .isEqualTo(read(Duration.ofSeconds(10)));
    }

    @Test
    void doubtfulReadings_thatDiffer_startOver() {
        TagState twice = see(see(TagState.start(PUSH), doubtful(OLD)).state(), doubtful(OLD))
                .state();

        assertThat(see(twice, doubtful(NEW)).write()).isEqualTo(Write.NOTHING);
        assertThat(see(twice, image(NEW)).state().doubt()).isNull();
    }

    @Test
    void recordedDoubt_foundAgain_isEnough_butNotForAnEvent() {
        Seen again = new Seen.Image(OLD, OLD, false, Before.SAME);

        assertThat(see(TagState.start(new Expectation(Told.RECHECK, null)), again)
                        .next())
                .isEqualTo(new Next.Finish());
        assertThat(see(TagState.start(ANY), again).next()).isEqualTo(read(Duration.ofMillis(20)));
    }

    @Test
    void otherDoubt_foundByTheRecheck_isRepeated() {
        assertThat(see(TagState.start(new Expectation(Told.RECHECK, null)), doubtful(OLD))
                        .next())
                .isEqualTo(read(Duration.ofMillis(20)));
    }

    private static Decision see(TagState state, Seen seen) {
        return state.on(seen, true, T0, 0.5, PATIENCE);
    }

    private static Seen image(Digest root) {
        return new Seen.Image(root, root, true, Before.NOTHING_SURE);
    }

    private static Seen doubtful(Digest root) {
        return new Seen.Image(root, root, false, Before.NOTHING_SURE);
    }

    private static Seen failure(Optional<Duration> retryAfter) {
        return new Seen.Failure(Cause.SERVER_ERROR, retryAfter);
    }

    private static Next read(Duration delay) {
        return new Next.Read(delay, false);
    }
}
