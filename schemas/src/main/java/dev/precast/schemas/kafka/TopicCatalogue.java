package dev.precast.schemas.kafka;

import dev.precast.schemas.image.Limits;
import dev.precast.schemas.record.DeadLetter;
import dev.precast.schemas.record.Hint;
import dev.precast.schemas.record.ImageRecord;
import dev.precast.schemas.record.RecordKeys;
import dev.precast.schemas.record.RepositorySettings;
import dev.precast.schemas.record.SigningKeyRecord;
import dev.precast.schemas.record.VariantRecord;
import dev.precast.schemas.record.WalkRecord;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.utils.Utils;

/** Every topic there is. Modules meet only here. */
public final class TopicCatalogue {
    /** Header of variants and their tombstones, and of image tombstones: the image's version in ASCII digits. */
    public static final String VERSION_HEADER = "precast-version";

    private static final String RECORD_BYTES = Integer.toString(Limits.MAX_RECORD_BYTES);
    private static final String SEVEN_DAYS = Long.toString(Duration.ofDays(7).toMillis());
    private static final String THIRTY_DAYS = Long.toString(Duration.ofDays(30).toMillis());

    /**
     * Bytes of hints that a partition keeps, about: some millions. A registry that announces more than is read costs no disk
     * without end; the sweep finds what was dropped.
     */
    private static final String HINT_BYTES = Integer.toString(1 << 30);

    private static final Map<String, String> COMPACTED = Map.of(
            "cleanup.policy",
            "compact",
            "max.message.bytes",
            RECORD_BYTES,
            "delete.retention.ms",
            SEVEN_DAYS,
            "min.cleanable.dirty.ratio",
            "0.3");

    /** Key: repository. What to look at again. */
    public static final Topic<Hint> HINTS = new Topic<>(
            "precast-hints",
            Hint.class,
            true,
            Map.of(
                    "cleanup.policy",
                    "delete",
                    "retention.ms",
                    SEVEN_DAYS,
                    "retention.bytes",
                    HINT_BYTES,
                    "max.message.bytes",
                    RECORD_BYTES));

    /** Key: {@code repository:tag}. What the registry holds; a tombstone when the tag is gone. */
    public static final Topic<ImageRecord> IMAGES = new Topic<>("precast-images", ImageRecord.class, true, COMPACTED);

    /** Key: repository pattern. What is wanted of repositories. */
    public static final Topic<RepositorySettings> SETTINGS =
            new Topic<>("precast-settings", RepositorySettings.class, false, COMPACTED);

    /** Key: key id. Public halves of the signing keys and their states. */
    public static final Topic<SigningKeyRecord> KEYS =
            new Topic<>("precast-keys", SigningKeyRecord.class, false, COMPACTED);

    /** Key: {@code request/pattern} and {@code partition/number}. What is to be built anew, and how far the walks are. */
    public static final Topic<WalkRecord> WALKS = new Topic<>("precast-walks", WalkRecord.class, false, COMPACTED);

    /** Key: {@code repository:tag} and {@code repository@digest}. What tags offer, and the bytes. */
    public static final Topic<VariantRecord> VARIANTS =
            new Topic<>("precast-variants", VariantRecord.class, true, COMPACTED);

    /** Key: repository or source. What was refused at the door. */
    public static final Topic<DeadLetter> DEAD_LETTERS = new Topic<>(
            "precast-dead-letters",
            DeadLetter.class,
            false,
            Map.of("cleanup.policy", "delete", "retention.ms", THIRTY_DAYS, "max.message.bytes", RECORD_BYTES));

    public static final List<Topic<?>> ALL = List.of(HINTS, IMAGES, SETTINGS, KEYS, WALKS, VARIANTS, DEAD_LETTERS);

    private TopicCatalogue() {}

    /**
     * The partition of everything of the key's repository: by repository, not by key, so that order per tag, and between a tag
     * and its digests, comes free.
     */
    public static int partition(String key, int partitions) {
        byte[] repository = RecordKeys.repository(key).getBytes(StandardCharsets.UTF_8);
        return Utils.toPositive(Utils.murmur2(repository)) % partitions;
    }
}
