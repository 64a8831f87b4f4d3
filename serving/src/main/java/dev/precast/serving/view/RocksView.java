package dev.precast.serving.view;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.Reference;
import dev.precast.schemas.json.RecordJson;
import dev.precast.schemas.record.RecordKeys;
import dev.precast.schemas.record.RepositorySettings;
import dev.precast.schemas.record.TagOffers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.kafka.common.TopicPartition;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.DBOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Status;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * One generation of the view: one RocksDB with variants, settings, and the position in the topics up to which they are applied.
 * Changes and position are written in one batch, so that after any end of the process the position is exactly what was applied.
 *
 * <p>Any thread may read; one thread writes. Nothing may be called during or after {@link #close}: {@link ManifestView} sees to
 * that.
 */
final class RocksView implements AutoCloseable {
    private static final String VARIANTS = "variants";
    private static final String SETTINGS = "settings";
    private static final String POSITION = "position";
    private static final String CHECKPOINT = "checkpoint";
    private static final String TOPIC_ID = "topic-id:";
    private static final String OFFSET = "offset:";

    private final Path directory;
    private final DBOptions databaseOptions;
    private final ColumnFamilyOptions familyOptions;
    private final WriteOptions writeOptions = new WriteOptions();
    private final List<ColumnFamilyHandle> handles = new ArrayList<>();
    private final RocksDB database;
    private final ColumnFamilyHandle variants;
    private final ColumnFamilyHandle settings;
    private final ColumnFamilyHandle position;
    private final Map<String, RepositorySettings> settingsByPattern = new LinkedHashMap<>();
    private volatile SettingsTable settingsTable = SettingsTable.EMPTY;

    /**
     * What a batch came to.
     *
     * @param applied changes written
     * @param outdated changes dropped because the view holds something newer
     */
    record Outcome(int applied, int outdated) {}

    /** Opens or makes the view in {@code directory}. */
    RocksView(Path directory, ViewStorage storage) throws RocksDBException {
        this.directory = directory;
        databaseOptions = storage.databaseOptions();
        familyOptions = storage.columnFamilyOptions();
        List<ColumnFamilyDescriptor> families = new ArrayList<>();
        for (byte[] name : List.of(
                RocksDB.DEFAULT_COLUMN_FAMILY,
                VARIANTS.getBytes(UTF_8),
                SETTINGS.getBytes(UTF_8),
                POSITION.getBytes(UTF_8))) {
            families.add(new ColumnFamilyDescriptor(name, familyOptions));
        }
        try {
            database = RocksDB.open(databaseOptions, directory.toString(), families, handles);
        } catch (RocksDBException e) {
            closeOptions();
            throw e;
        }
        variants = handles.get(1);
        settings = handles.get(2);
        position = handles.get(3);
        loadSettings();
    }

    Path directory() {
        return directory;
    }

    /** What the tag offers; empty when the view does not know the tag. */
    Optional<TagOffers> offers(Reference reference) {
        byte[] key = RecordKeys.tag(reference.repository(), reference.tag()).getBytes(UTF_8);
        byte[] value = get(variants, key);
        return value == null ? Optional.empty() : ValueCodec.readOffers(key, value);
    }

    /** The manifest that the repository has under the digest; empty when the view knows none. */
    Optional<StoredManifest> manifest(String repository, Digest digest) {
        byte[] key = RecordKeys.digest(repository, digest).getBytes(UTF_8);
        byte[] value = get(variants, key);
        return value == null ? Optional.empty() : ValueCodec.readManifest(digest, key, value);
    }

    SettingsTable settings() {
        return settingsTable;
    }

    /** The offset of the first record of the partition that is not applied yet; empty when none ever was. */
    OptionalLong offset(TopicPartition partition) {
        byte[] value = get(position, (OFFSET + partition).getBytes(UTF_8));
        return value == null ? OptionalLong.empty() : OptionalLong.of(toLong(value));
    }

    /** The id of the topic that the view was filled from; empty for a new view. */
    Optional<String> topicId(String topic) {
        byte[] value = get(position, (TOPIC_ID + topic).getBytes(UTF_8));
        return value == null ? Optional.empty() : Optional.of(new String(value, UTF_8));
    }

    /** When the view was last known to hold everything; empty while it never did. */
    Optional<Instant> checkpoint() {
        byte[] value = get(position, CHECKPOINT.getBytes(UTF_8));
        return value == null ? Optional.empty() : Optional.of(Instant.ofEpochMilli(toLong(value)));
    }

    void rememberTopics(Map<String, String> idsByTopic) throws RocksDBException {
        try (WriteBatch batch = new WriteBatch()) {
            for (Map.Entry<String, String> topic : idsByTopic.entrySet()) {
                batch.put(
                        position,
                        (TOPIC_ID + topic.getKey()).getBytes(UTF_8),
                        topic.getValue().getBytes(UTF_8));
            }
            database.write(writeOptions, batch);
        }
    }

    void rememberCheckpoint(Instant caughtUpAt) throws RocksDBException {
        database.put(position, writeOptions, CHECKPOINT.getBytes(UTF_8), toBytes(caughtUpAt.toEpochMilli()));
    }

    /**
     * Applies changes in their order, and with them the position after them.
     *
     * @param nextOffsets of the partitions that the changes came from
     */
    Outcome apply(List<ViewChange> changes, Map<TopicPartition, Long> nextOffsets) throws RocksDBException {
        Map<String, byte[]> pending = new LinkedHashMap<>();
        Map<String, RepositorySettings> changedSettings = new LinkedHashMap<>(settingsByPattern);
        int outdated = 0;
        int applied = 0;
        try (WriteBatch batch = new WriteBatch()) {
            for (ViewChange change : changes) {
                if (change instanceof ViewChange.Skip) {
                    continue;
                }
                if (write(change, pending, changedSettings, batch)) {
                    applied++;
                } else {
                    outdated++;
                }
            }
            for (Map.Entry<String, byte[]> entry : pending.entrySet()) {
                batch.put(variants, entry.getKey().getBytes(UTF_8), entry.getValue());
            }
            for (Map.Entry<TopicPartition, Long> next : nextOffsets.entrySet()) {
                batch.put(position, (OFFSET + next.getKey()).getBytes(UTF_8), toBytes(next.getValue()));
            }
            database.write(writeOptions, batch);
        }
        replaceSettings(changedSettings);
        return new Outcome(applied, outdated);
    }

    private boolean write(
            ViewChange change,
            Map<String, byte[]> pending,
            Map<String, RepositorySettings> changedSettings,
            WriteBatch batch)
            throws RocksDBException {
        if (change instanceof ViewChange.PutSettings put) {
            batch.put(settings, put.pattern().getBytes(UTF_8), RecordJson.write(put.settings()));
            changedSettings.put(put.pattern(), put.settings());
            return true;
        }
        if (change instanceof ViewChange.DeleteSettings delete) {
            batch.delete(settings, delete.pattern().getBytes(UTF_8));
            changedSettings.remove(delete.pattern());
            return true;
        }
        if (change instanceof ViewChange.PutOffers put) {
            return putUnlessOlder(
                    put.key(), put.version(), pending, key -> ValueCodec.offers(key, put.version(), put.offers()));
        }
        if (change instanceof ViewChange.PutManifest put) {
            return putUnlessOlder(
                    put.key(), put.version(), pending, key -> ValueCodec.manifest(key, put.version(), put.manifest()));
        }
        ViewChange.DeleteVariant delete = (ViewChange.DeleteVariant) change;
        return putUnlessOlder(
                delete.key(), delete.version(), pending, key -> ValueCodec.deleted(key, delete.version()));
    }

    /** Never backwards: a converter that starts again may write once more what it wrote before. */
    private boolean putUnlessOlder(
            String key, long version, Map<String, byte[]> pending, java.util.function.UnaryOperator<byte[]> encode) {
        byte[] keyBytes = key.getBytes(UTF_8);
        byte[] present = pending.containsKey(key) ? pending.get(key) : get(variants, keyBytes);
        if (present != null && ValueCodec.version(present) > version) {
            return false;
        }
        pending.put(key, encode.apply(keyBytes));
        return true;
    }

    private void loadSettings() {
        Map<String, RepositorySettings> loaded = new LinkedHashMap<>();
        try (RocksIterator rows = database.newIterator(settings)) {
            for (rows.seekToFirst(); rows.isValid(); rows.next()) {
                loaded.put(new String(rows.key(), UTF_8), RecordJson.read(rows.value(), RepositorySettings.class));
            }
            rows.status();
        } catch (RocksDBException | IOException e) {
            close();
            throw new DamagedViewException("Cannot read the settings in the view at " + directory + ".", e);
        }
        replaceSettings(loaded);
    }

    private void replaceSettings(Map<String, RepositorySettings> changed) {
        if (!changed.equals(settingsByPattern)) {
            settingsByPattern.clear();
            settingsByPattern.putAll(changed);
            settingsTable = new SettingsTable(changed);
        }
    }

    @SuppressWarnings("NullAway") // RocksDB: null when there is no such key.
    private byte @org.jspecify.annotations.Nullable [] get(ColumnFamilyHandle family, byte[] key) {
        try {
            return database.get(family, key);
        } catch (RocksDBException e) {
            throw new DamagedViewException("Cannot read the view at " + directory + ": " + e.getMessage(), e);
        }
    }

    /** Whether the failure says that the files themselves are wrong. */
    static boolean isCorruption(RocksDBException e) {
        Status status = e.getStatus();
        return status != null && status.getCode() == Status.Code.Corruption;
    }

    @Override
    public void close() {
        handles.forEach(ColumnFamilyHandle::close);
        database.close();
        closeOptions();
    }

    private void closeOptions() {
        writeOptions.close();
        familyOptions.close();
        databaseOptions.close();
    }

    private static byte[] toBytes(long number) {
        return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
    }

    private static long toLong(byte[] bytes) {
        return ByteBuffer.wrap(bytes).getLong();
    }
}
