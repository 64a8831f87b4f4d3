package dev.precast.e2e.keys;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.converter.jws.ManifestVerifier;
import dev.precast.e2e.client.RegistryReader;
import dev.precast.e2e.tool.ChildProcess;
import dev.precast.e2e.tool.ExternalTool;
import dev.precast.e2e.tool.Needs;
import dev.precast.e2e.tool.Precast;
import dev.precast.e2e.tool.Stack;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.schemas.kafka.VersionHeader;
import dev.precast.schemas.record.RecordKeys;
import dev.precast.schemas.record.VariantManifest;
import dev.precast.testkit.KafkaExtension;
import dev.precast.testkit.TopicContents;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * In the middle of signing everything anew one converter is killed and another one stopped; an operator watches at a terminal. Later
 * the stopped one goes on, with what it had in mind.
 */
@ExtendWith(KafkaExtension.class)
@Needs(ExternalTool.SCRIPT)
final class ConverterLossIT {
    private static final int TAGS = Integer.getInteger("loss.tags", 3000);
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /** {@code Tags  12% [===>   ]  480/4000 (0:00:01 / 0:00:07) 480.0/s}: how far, the time so far and left, the rate. */
    private static final Pattern BAR = Pattern.compile(
            "Tags +[1-9]\\d?% \\[=+>? *\\] +[1-9]\\d*/\\d+ \\(\\d+:\\d\\d:\\d\\d / (\\d+:\\d\\d:\\d\\d|\\?)\\) +[\\d.?]+/s");

    @Test
    void convertersThatAreLost_loseNothing_andOneThatComesBackShowsNothingOld(KafkaConfig kafka) throws Exception {
        try (RotationRig rig = new RotationRig(Stack.newFolder(), kafka);
                ImageTopic images = new ImageTopic(kafka)) {
            rig.generate();
            List<ConverterProcess> converters =
                    Stream.generate(rig::startConverter).limit(3).toList();
            converters.forEach(ConverterProcess::awaitReady);
            List<String> tags = fill(images);
            VerifyingReader reader = new VerifyingReader(rig.served(), rig::jwks);
            awaitServed(rig.served(), tags);

            String second = rig.generateRsa();
            ChildProcess rotation = Precast.startAtTerminal(
                    rig.folder().resolve("rotation.out"), command(kafka, "keys", "rotate", "--to", second));
            rotation.awaitMatch(BAR, PATIENCE);
            assertThat(rotation.hasEnded()).as("in the middle of it").isFalse();
            converters.get(0).kill();
            converters.get(1).pause();
            assertThat(rotation.waitFor(PATIENCE)).as(rotation.output()).isTrue();
            assertThat(rotation.output()).contains("Done in");
            assertSignedBy(second, reader, some(tags));

            String third = rig.generate();
            String plain = Precast.run(rig.folder(), command(kafka, "keys", "rotate", "--to", third))
                    .requireSuccess()
                    .output();
            assertThat(plain).contains("Done in").doesNotContain("[=").doesNotContain("\r");
            assertSignedBy(third, reader, some(tags));

            List<ConsumerRecord<String, byte[]>> before = TopicContents.of(kafka, TopicCatalogue.VARIANTS);
            converters.get(1).resume();
            images.put(SyntheticImages.image("lost/late", "v1", TAGS + 1L, "late move 1."));
            awaitServed(rig.served(), List.of("lost/late:v1"));
            Precast.run(rig.folder(), command(kafka, "replay")).requireSuccess();
            assertNothingOld(third, before, TopicContents.of(kafka, TopicCatalogue.VARIANTS));
            assertSignedBy(third, reader, tags);
            assertThat(reader.wrong()).isEmpty();
        }
    }

    /**
     * What was on its way when the converter was stopped may still arrive, but readers see that it is old: signing anew gives a
     * manifest a later version each time. What the stopped one was about to remember arrives like that, too; whoever has the
     * partition next then finds tags signed by an older key and signs them once more, with the key of today.
     */
    private static void assertNothingOld(
            String keyId, List<ConsumerRecord<String, byte[]>> before, List<ConsumerRecord<String, byte[]>> after) {
        Map<String, Long> newest = new HashMap<>();
        Map<Integer, Long> ends = new HashMap<>();
        for (ConsumerRecord<String, byte[]> record : before) {
            newest.merge(record.key(), version(record), Math::max);
            ends.merge(record.partition(), record.offset(), Math::max);
        }
        List<ConsumerRecord<String, byte[]>> late = after.stream()
                .filter(record -> record.offset() > ends.getOrDefault(record.partition(), -1L))
                .filter(record -> !record.key().startsWith("lost/late"))
                .toList();
        List<ConsumerRecord<String, byte[]>> seen = late.stream()
                .filter(record -> version(record) >= newest.getOrDefault(record.key(), 0L))
                .toList();
        System.err.println(late.size() + " records of " + after.size() + " came late, " + seen.size()
                + " of them for readers to see");
        for (ConsumerRecord<String, byte[]> record : seen) {
            if (RecordKeys.isDigest(record.key())) {
                assertThat(signers(record)).as(record.key()).containsExactly(keyId);
            } else {
                assertThat(version(record)).as(record.key()).isEqualTo(newest.get(record.key()));
            }
        }
    }

    private static Set<String> signers(ConsumerRecord<String, byte[]> record) {
        VariantManifest manifest = (VariantManifest)
                TopicCatalogue.VARIANTS.valueSerde().deserializer().deserialize(record.topic(), record.value());
        return VerifyingReader.signers(ManifestVerifier.verify(manifest.bytes(), Set.of()));
    }

    private static long version(ConsumerRecord<String, byte[]> record) {
        return VersionHeader.get(record.headers()).orElseThrow();
    }

    /** One of ten: a look at every one takes its time. */
    private static List<String> some(List<String> tags) {
        return IntStream.range(0, tags.size())
                .filter(i -> i % 10 == 0)
                .mapToObj(tags::get)
                .toList();
    }

    /** @param arguments of a command that waits */
    private static String[] command(KafkaConfig kafka, String... arguments) {
        List<String> all = new ArrayList<>(Arrays.asList(arguments));
        if (arguments[0].equals("keys")) {
            all.addAll(List.of("--overlap", "0"));
        }
        all.addAll(List.of("--wait", "--kafka", kafka.bootstrapServers()));
        return all.toArray(String[]::new);
    }

    private static List<String> fill(ImageTopic images) {
        List<String> tags = new ArrayList<>();
        for (int i = 0; i < TAGS; i++) {
            String repository = "lost/r" + i / 50;
            images.send(SyntheticImages.image(repository, "t" + i, i + 1L, repository + " " + i + " move 1."));
            tags.add(repository + ":t" + i);
        }
        images.flush();
        return tags;
    }

    private static void awaitServed(RegistryReader served, List<String> tags) {
        for (String tag : tags) {
            Awaitility.await(tag)
                    .atMost(PATIENCE)
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> served.get("/v2/" + tag.replace(":", "/manifests/"), MediaTypes.SCHEMA1_SIGNED)
                                    .status()
                            == 200);
        }
    }

    /** The view may be a moment behind the walk. */
    private static void assertSignedBy(String keyId, VerifyingReader reader, List<String> tags) {
        for (String tag : tags) {
            Awaitility.await(tag)
                    .atMost(PATIENCE)
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(20))
                    .untilAsserted(() -> assertThat(reader.read(tag).signers()).containsExactly(keyId));
        }
    }
}
