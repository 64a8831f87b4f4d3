package dev.precast.e2e.keys;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.e2e.keys.VerifyingReader.Read;
import dev.precast.e2e.tool.Stack;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.record.WalkReport.Position;
import dev.precast.testkit.KafkaExtension;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Keys are rotated again and again while tags move, converters are killed, and a client verifies everything that it gets.
 * {@code build-bin/rotation} runs it larger.
 */
@ExtendWith(KafkaExtension.class)
final class KeyRotationIT {
    private static final int ROTATIONS = Integer.getInteger("rotation.count", 10);
    private static final int TAGS = Integer.getInteger("rotation.tags", 100);
    private static final int KILLS = Integer.getInteger("rotation.kills", 2);
    private static final int TAGS_PER_REPOSITORY = 10;
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final long seed = Long.getLong("rotation.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final int[] moves = new int[TAGS];
    private long version;

    @Test
    void rotations_underAVerifyingReader_showNothingWrong(KafkaConfig kafka) throws Exception {
        System.err.println("rotation.seed=" + seed);
        try (RotationRig rig = new RotationRig(Stack.newFolder(), kafka);
                ImageTopic images = new ImageTopic(kafka)) {
            String newest = rig.generate();
            rig.startConverter();
            rig.startConverter().awaitReady();
            for (int i = 0; i < TAGS; i++) {
                move(images, i);
            }
            List<String> tags = new ArrayList<>();
            for (int i = 0; i < TAGS; i++) {
                tags.add(tag(i));
            }
            awaitServed(rig, tags);

            VerifyingReader reader = new VerifyingReader(rig.served(), rig::jwks);
            AtomicBoolean end = new AtomicBoolean();
            Thread reading = start("reader", () -> reader.readUntil(tags, new Random(seed), end::get));
            Thread moving = start("mover", () -> keepMoving(images, end));
            Position target = Position.NONE;
            for (int i = 0; i < ROTATIONS; i++) {
                newest = rig.generate();
                target = rig.rotate(newest, random.nextBoolean() ? Duration.ZERO : Duration.ofSeconds(2));
                if (killNow(i)) {
                    TimeUnit.MILLISECONDS.sleep(random.nextInt(150));
                    rig.alive().get(random.nextInt(rig.alive().size())).kill();
                    rig.startConverter();
                }
                if (random.nextBoolean()) {
                    rig.awaitWalk(target);
                }
            }
            rig.awaitWalk(target);
            end.set(true);
            moving.join();
            reading.join();

            String last = newest;
            Awaitility.await().atMost(PATIENCE).untilAsserted(() -> {
                for (int i = 0; i < TAGS; i++) {
                    Read read = reader.read(tag(i));
                    assertThat(read.signers()).as(tag(i)).containsExactly(last);
                    assertThat(read.move()).as(tag(i)).isEqualTo(moves[i]);
                }
            });
            System.err.println(
                    reader.reads() + " reads, " + Arrays.stream(moves).sum() + " moves, " + ROTATIONS + " rotations, "
                            + KILLS + " kills: " + reader.wrong().size() + " wrong");
            assertThat(reader.wrong()).isEmpty();
            assertThat(reader.reads()).isGreaterThan(TAGS);
            assertThat(rig.leaks()).isEmpty();
        }
    }

    /** Spread over the rotations, never at the last. */
    private static boolean killNow(int rotation) {
        int every = Math.max(1, ROTATIONS / (KILLS + 1));
        return KILLS > 0 && rotation % every == every - 1 && rotation / every < KILLS;
    }

    private void keepMoving(ImageTopic images, AtomicBoolean end) {
        Random which = new Random(seed + 1);
        try {
            while (!end.get()) {
                move(images, which.nextInt(TAGS));
                TimeUnit.MILLISECONDS.sleep(20);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void move(ImageTopic images, int i) {
        String tag = tag(i);
        int colon = tag.indexOf(':');
        moves[i]++;
        version++;
        images.send(SyntheticImages.image(
                tag.substring(0, colon), tag.substring(colon + 1), version, tag + " move " + moves[i] + "."));
    }

    private static void awaitServed(RotationRig rig, List<String> tags) {
        for (String tag : tags) {
            Awaitility.await()
                    .atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(50))
                    .until(
                            () -> rig.served()
                                    .get(
                                            "/v2/" + tag.replace(":", "/manifests/"),
                                            dev.precast.schemas.image.MediaTypes.SCHEMA1_SIGNED)
                                    .status(),
                            status -> status == 200);
        }
    }

    private static String tag(int i) {
        return "rotated/r" + i / TAGS_PER_REPOSITORY + ":t" + i % TAGS_PER_REPOSITORY;
    }

    private static Thread start(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.start();
        return thread;
    }
}
