package dev.precast.serving.view;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.Reference;
import dev.precast.schemas.json.RecordJson;
import dev.precast.schemas.record.RecordKeys;
import dev.precast.schemas.record.RepositorySettings;
import dev.precast.schemas.record.TagOffers;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.DBOptions;
import org.rocksdb.FlushOptions;
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

    /** Changes from which on it is worth sharing the work among the cores. */
    private static final int PARALLEL_FROM = 100;

    private final Path directory;
    private final DBOptions databaseOptions;
    private final ColumnFamilyOptions familyOptions;
    private final WriteOptions writeOptions = new WriteOptions();
    private final List<ColumnFamilyHandle> handles = new ArrayList<>();
    private final RocksDB database;
    private final ColumnFamilyHandle variants;
    private final ColumnFamilyHandle settings;
    private final ViewPosition position;
    private final Map<String, RepositorySettings> settingsByPattern = new LinkedHashMap<>();
    private volatile SettingsTable settingsTable = SettingsTable.EMPTY;

    /**
     * What a batch came to.
     *
     * @param applied changes written
     * @param outdated changes dropped because the view holds something newer
     */
    record Outcome(int applied, int outdated) {}

    private RocksView(Path directory, ViewStorage storage, boolean create) throws RocksDBException {
        this.directory = directory;
        databaseOptions = storage.databaseOptions(create);
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
        position = new ViewPosition(database, handles.get(3));
        loadSettings();
    }

    /** Opens the view that lies in {@code directory}. */
    static RocksView open(Path directory, ViewStorage storage) throws RocksDBException {
        return new RocksView(directory, storage, false);
    }

    /**
     * Makes an empty view, to be filled fast: until {@link #settle} it has no log, and after an end of the process it is what it
     * was at some earlier moment.
     */
    static RocksView create(Path directory, ViewStorage storage) throws RocksDBException {
        RocksView view = new RocksView(directory, storage, true);
        view.writeOptions.setDisableWAL(true);
        return view;
    }

    /** Writes everything out, and from now on every change into the log. */
    void settle() throws RocksDBException {
        if (writeOptions.disableWAL()) {
            try (FlushOptions flush = new FlushOptions().setWaitForFlush(true)) {
                database.flush(flush, handles);
            }
            writeOptions.setDisableWAL(false);
        }
    }

    Path directory() {
        return directory;
    }

    /** What the tag offers; empty when the view does not know the tag. */
    Optional<TagOffers> offers(Reference reference) {
        byte[] key = RecordKeys.tag(reference.repository(), reference.tag()).getBytes(UTF_8);
        byte[] value = get(variants, key);
        return value == null ? Optional.empty() : ValueCodec.readOffers(reference, key, value);
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

    ViewPosition position() {
        return position;
    }

    void rememberTopics(Map<String, String> idsByTopic) throws RocksDBException {
        try (WriteBatch batch = new WriteBatch()) {
            for (Map.Entry<String, String> topic : idsByTopic.entrySet()) {
                position.putTopicId(topic.getKey(), topic.getValue(), batch);
            }
            database.write(writeOptions, batch);
        }
    }

    /** @param retention of tombstones in the topics */
    void rememberRetention(Duration retention) throws RocksDBException {
        try (WriteBatch batch = new WriteBatch()) {
            position.putRetention(retention, batch);
            database.write(writeOptions, batch);
        }
    }

    /** @param full whether the view holds everything as of then */
    void rememberCheckpoint(Instant at, boolean full) throws RocksDBException {
        try (WriteBatch batch = new WriteBatch()) {
            position.putCheckpoint(at, full, batch);
            database.write(writeOptions, batch);
        }
    }

    /** A property of the database that is a number, over all column families; zero when there is none. */
    long property(String name) {
        try {
            return database.getAggregatedLongProperty(name);
        } catch (RocksDBException e) {
            return 0;
        }
    }

    /**
     * Applies changes in their order, and with them the position after them.
     *
     * @param next record of each partition that the changes came from
     */
    Outcome apply(List<ViewChange> changes, Map<TopicPartition, OffsetAndMetadata> next) throws RocksDBException {
        Map<String, Prepared> pending = new LinkedHashMap<>();
        Map<String, RepositorySettings> changedSettings = new LinkedHashMap<>(settingsByPattern);
        List<Optional<Prepared>> prepared = prepare(changes);
        int outdated = 0;
        int applied = 0;
        try (WriteBatch batch = new WriteBatch()) {
            for (int i = 0; i < changes.size(); i++) {
                ViewChange change = changes.get(i);
                if (change instanceof ViewChange.Skip) {
                    continue;
                }
                boolean written = prepared.get(i).isPresent()
                        ? putUnlessOlder(prepared.get(i).get(), pending)
                        : writeSettings(change, changedSettings, batch);
                if (written) {
                    applied++;
                } else {
                    outdated++;
                }
            }
            for (Prepared value : pending.values()) {
                batch.put(variants, value.keyBytes, value.value);
            }
            for (Map.Entry<TopicPartition, OffsetAndMetadata> partition : next.entrySet()) {
                position.putNext(partition.getKey(), partition.getValue(), batch);
            }
            database.write(writeOptions, batch);
        }
        replaceSettings(changedSettings);
        return new Outcome(applied, outdated);
    }

    /** A change of a variant as it will be written. */
    private static final class Prepared {
        private final String key;
        private final byte[] keyBytes;
        private final byte[] value;
        private final long version;
        /** The version that the view had before all changes. */
        private final long held;

        Prepared(String key, byte[] keyBytes, byte[] value, long version, long held) {
            this.key = key;
            this.keyBytes = keyBytes;
            this.value = value;
            this.version = version;
            this.held = held;
        }
    }

    /** Encoding, hashing and looking up take most of the time, and need no order. Empty for what is no variant. */
    private List<Optional<Prepared>> prepare(List<ViewChange> changes) {
        Stream<ViewChange> each = changes.stream();
        return (changes.size() < PARALLEL_FROM ? each : each.parallel())
                .map(this::prepare)
                .toList();
    }

    private Optional<Prepared> prepare(ViewChange change) {
        String key = change.variantKey();
        if (key == null) {
            return Optional.empty();
        }
        byte[] keyBytes = key.getBytes(UTF_8);
        byte[] present = get(variants, keyBytes);
        long held = present == null ? Long.MIN_VALUE : ValueCodec.version(present);
        if (change instanceof ViewChange.PutOffers put) {
            byte[] value = ValueCodec.offers(keyBytes, put.version(), put.offers());
            return Optional.of(new Prepared(key, keyBytes, value, put.version(), held));
        }
        if (change instanceof ViewChange.PutManifest put) {
            byte[] value = ValueCodec.manifest(keyBytes, put.version(), put.manifest());
            return Optional.of(new Prepared(key, keyBytes, value, put.version(), held));
        }
        long version = ((ViewChange.DeleteVariant) change).version();
        return Optional.of(new Prepared(key, keyBytes, ValueCodec.deleted(keyBytes, version), version, held));
    }

    private boolean writeSettings(ViewChange change, Map<String, RepositorySettings> changedSettings, WriteBatch batch)
            throws RocksDBException {
        if (change instanceof ViewChange.PutSettings put) {
            byte[] key = put.pattern().getBytes(UTF_8);
            batch.put(settings, key, sealed(key, RecordJson.write(put.settings())));
            changedSettings.put(put.pattern(), put.settings());
        } else if (change instanceof ViewChange.DeleteSettings delete) {
            batch.delete(settings, delete.pattern().getBytes(UTF_8));
            changedSettings.remove(delete.pattern());
        }
        return true;
    }

    /** Never backwards: a converter that starts again may write once more what it wrote before. */
    private static boolean putUnlessOlder(Prepared next, Map<String, Prepared> pending) {
        Prepared before = pending.get(next.key);
        if ((before == null ? next.held : before.version) > next.version) {
            return false;
        }
        pending.put(next.key, next);
        return true;
    }

    private void loadSettings() {
        Map<String, RepositorySettings> loaded = new LinkedHashMap<>();
        try (RocksIterator rows = database.newIterator(settings)) {
            for (rows.seekToFirst(); rows.isValid(); rows.next()) {
                byte[] value = rows.value();
                Seal.check(rows.key(), value);
                byte[] json = Arrays.copyOfRange(value, Seal.LENGTH, value.length);
                loaded.put(new String(rows.key(), UTF_8), RecordJson.read(json, RepositorySettings.class));
            }
            rows.status();
        } catch (RocksDBException | IOException | DamagedViewException e) {
            close();
            throw new DamagedViewException("Cannot read the settings in the view at " + directory + ".", e);
        }
        replaceSettings(loaded);
    }

    private static byte[] sealed(byte[] key, byte[] content) {
        byte[] value = new byte[Seal.LENGTH + content.length];
        System.arraycopy(content, 0, value, Seal.LENGTH, content.length);
        Seal.put(key, value);
        return value;
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

    /** Whether the failure has nothing to do with what the files hold: another process has them, or the disk is full. */
    static boolean isBusyOrFull(RocksDBException e) {
        Status status = e.getStatus();
        String message = String.valueOf(e.getMessage());
        return (status != null && status.getSubCode() == Status.SubCode.NoSpace)
                || message.contains("While lock file")
                || message.contains("lock hold by")
                || message.contains("No space left");
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
}
