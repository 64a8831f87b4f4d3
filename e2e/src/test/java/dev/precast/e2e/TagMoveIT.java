package dev.precast.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.e2e.client.RegistryReader.Answer;
import dev.precast.e2e.image.ExampleImage;
import dev.precast.e2e.tool.Converting;
import dev.precast.e2e.tool.Skopeo;
import dev.precast.e2e.tool.Stack;
import dev.precast.schemas.image.MediaTypes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** A second push of a tag reaches old clients at once, and for good. */
@Converting
final class TagMoveIT {
    private static final String REPOSITORY = "moves/app";
    private static final String PATH = "/v2/" + REPOSITORY + "/manifests/latest";
    private static final int MOVES = 6;

    @Test
    void movedTag_isSeenAndNeverGoesBack(Stack stack) throws Exception {
        List<String> digests = new ArrayList<>();
        digests.add(stack.pushAndAwait(image(0), REPOSITORY, "latest", Skopeo.Format.SCHEMA2)
                .digest());
        AtomicBoolean stop = new AtomicBoolean();
        ExecutorService reader = Executors.newSingleThreadExecutor();
        try {
            Future<List<String>> seen = reader.submit(() -> read(stack, stop));
            for (int move = 1; move <= MOVES; move++) {
                String before = digests.get(digests.size() - 1);
                stack.push(image(move), REPOSITORY, "latest", Skopeo.Format.SCHEMA2);
                long pushed = System.nanoTime();
                digests.add(Awaitility.await()
                        .alias("move " + move)
                        .atMost(Duration.ofSeconds(30))
                        .pollInterval(Duration.ofMillis(5))
                        .until(() -> ask(stack).digest(), digest -> !digest.equals(before)));
                // Printed, not asserted: a second is the promise on a machine that has time for it.
                System.out.printf(
                        "Move %d seen %d ms after the push%n", move, (System.nanoTime() - pushed) / 1_000_000);
            }
            stop.set(true);
            assertThat(digests).doesNotHaveDuplicates();
            // A short-lived one may have come and gone between two looks; a step back is in no subsequence.
            List<String> changes = changesOf(seen.get());
            assertThat(digests).containsSubsequence(changes);
            assertThat(changes).last().isEqualTo(digests.get(MOVES));
        } finally {
            stop.set(true);
            reader.shutdownNow();
        }
    }

    /** Every change of what one client sees: the same digest again later would be a step back. */
    private static List<String> read(Stack stack, AtomicBoolean stop) throws InterruptedException {
        List<String> seen = new ArrayList<>();
        do {
            seen.add(ask(stack).digest());
            Thread.sleep(5);
        } while (!stop.get());
        seen.add(ask(stack).digest());
        return seen;
    }

    private static List<String> changesOf(List<String> seen) {
        List<String> changes = new ArrayList<>();
        for (String digest : seen) {
            if (changes.isEmpty() || !changes.get(changes.size() - 1).equals(digest)) {
                changes.add(digest);
            }
        }
        return changes;
    }

    private static Answer ask(Stack stack) {
        Answer answer = stack.served().get(PATH, MediaTypes.SCHEMA1_SIGNED);
        assertThat(answer.status()).isEqualTo(200);
        return answer;
    }

    private static ExampleImage image(int move) {
        return ExampleImage.saying("move " + move);
    }
}
