package dev.precast.serving.view;

import dev.precast.schemas.error.RefusedException;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.image.Reference;
import dev.precast.schemas.json.RecordJson;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.schemas.kafka.VersionHeader;
import dev.precast.schemas.record.RecordKeys;
import dev.precast.schemas.record.RepositoryPattern;
import dev.precast.schemas.record.RepositorySettings;
import dev.precast.schemas.record.TagOffers;
import dev.precast.schemas.record.VariantManifest;
import dev.precast.schemas.record.VariantRecord;
import dev.precast.schemas.schema1.PrettyJws;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Reads records into changes of the view. Pure and total: whatever a record holds, the answer is a change, if only to pass it
 * over. A manifest is let in only when its bytes have the digest that it is stored under.
 */
final class ViewRecords {
    private ViewRecords() {}

    static ViewChange read(ConsumerRecord<byte[], byte[]> record) {
        try {
            if (record.key() == null) {
                return new ViewChange.Skip("It has no key.");
            }
            String key = new String(record.key(), StandardCharsets.UTF_8);
            return record.topic().equals(TopicCatalogue.SETTINGS.name())
                    ? settings(key, record.value())
                    : variant(key, record);
        } catch (IOException | RefusedException | IllegalArgumentException e) {
            return new ViewChange.Skip(firstLine(String.valueOf(e.getMessage())));
        } catch (RuntimeException | StackOverflowError e) {
            // Nothing that a record holds may end the reader.
            return new ViewChange.Skip(e.getClass().getSimpleName() + " while reading it.");
        }
    }

    private static ViewChange settings(String pattern, byte[] value) throws IOException {
        String checked = new RepositoryPattern(pattern).text();
        return value == null
                ? new ViewChange.DeleteSettings(checked)
                : new ViewChange.PutSettings(checked, RecordJson.read(value, RepositorySettings.class));
    }

    private static ViewChange variant(String key, ConsumerRecord<byte[], byte[]> record)
            throws IOException, RefusedException {
        requireKey(key);
        OptionalLong version = VersionHeader.get(record.headers());
        if (version.isEmpty()) {
            return new ViewChange.Skip("It has no header " + TopicCatalogue.VERSION_HEADER + ".");
        }
        if (record.value() == null) {
            return new ViewChange.DeleteVariant(key, version.getAsLong());
        }
        VariantRecord value = RecordJson.read(record.value(), VariantRecord.class);
        if (value instanceof TagOffers offers) {
            requireSameKey(key, RecordKeys.tag(offers.repository(), offers.tag()));
            return new ViewChange.PutOffers(key, version.getAsLong(), offers);
        }
        VariantManifest manifest = (VariantManifest) value;
        requireSameKey(key, RecordKeys.digest(manifest.repository(), manifest.digest()));
        requireDigest(manifest);
        return new ViewChange.PutManifest(key, version.getAsLong(), manifest);
    }

    private static void requireKey(String key) {
        String repository = RecordKeys.repository(key);
        String rest = key.substring(Math.min(key.length(), repository.length() + 1));
        boolean known = RecordKeys.isDigest(key)
                ? Digest.tryParse(rest).isPresent()
                : key.length() > repository.length() && Reference.isTag(rest);
        if (!known || !Reference.isRepository(repository)) {
            throw new IllegalArgumentException("Its key is neither repository:tag nor repository@digest.");
        }
    }

    private static void requireSameKey(String key, String expected) {
        if (!key.equals(expected)) {
            throw new IllegalArgumentException("Its value is of " + expected + ", not of its key.");
        }
    }

    private static void requireDigest(VariantManifest manifest) throws RefusedException {
        byte[] content = manifest.bytes();
        boolean same = MediaTypes.isSchema1(manifest.mediaType())
                ? PrettyJws.digest(content).equals(manifest.digest())
                : manifest.digest().matches(content);
        if (!same) {
            throw new IllegalArgumentException("Its content has another digest than it is stored under.");
        }
    }

    private static String firstLine(String message) {
        String line = message.lines().findFirst().orElse("");
        return line.length() <= 300 ? line : line.substring(0, 300) + "…";
    }
}
