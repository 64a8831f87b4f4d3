package dev.precast.serving.view;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * How far a view has come, in a column family beside its content and written in the same batch: the next offset of each
 * partition with its leader epoch, the topics' ids and for how long they keep tombstones, and when the view last held everything. Sealed like all else: a position
 * that is not what was written would skip records.
 */
final class ViewPosition {
    private static final String CHECKPOINT = "checkpoint";
    private static final String FULL_AT = "full-at";
    private static final String TOPIC_ID = "topic-id:";
    private static final String RETENTION = "retention";
    private static final String OFFSET = "offset:";
    private static final int NO_EPOCH = -1;

    private final RocksDB database;
    private final ColumnFamilyHandle family;

    ViewPosition(RocksDB database, ColumnFamilyHandle family) {
        this.database = database;
        this.family = family;
    }

    /** The first record of the partition that is not applied yet; empty when none ever was. */
    Optional<OffsetAndMetadata> next(TopicPartition partition) {
        return read(OFFSET + partition, Long.BYTES + Integer.BYTES).map(value -> {
            long offset = value.getLong();
            int epoch = value.getInt();
            return new OffsetAndMetadata(offset, epoch == NO_EPOCH ? Optional.empty() : Optional.of(epoch), "");
        });
    }

    /** The id of the topic that the view was filled from; empty for a new view. */
    Optional<String> topicId(String topic) {
        return read(TOPIC_ID + topic, -1).map(value -> UTF_8.decode(value).toString());
    }

    /** Every tombstone since then is applied or can still be read; empty for a new view. */
    Optional<Instant> checkpoint() {
        return read(CHECKPOINT, Long.BYTES).map(value -> Instant.ofEpochMilli(value.getLong()));
    }

    /** When the view was last known to hold everything; empty while it never did. */
    Optional<Instant> fullAt() {
        return read(FULL_AT, Long.BYTES).map(value -> Instant.ofEpochMilli(value.getLong()));
    }

    /** For how long the topics keep tombstones, when they last said so; empty while they never did. */
    Optional<Duration> retention() {
        return read(RETENTION, Long.BYTES).map(value -> Duration.ofMillis(value.getLong()));
    }

    void putRetention(Duration retention, WriteBatch batch) throws RocksDBException {
        put(
                RETENTION,
                ByteBuffer.allocate(Long.BYTES).putLong(retention.toMillis()).array(),
                batch);
    }

    void putNext(TopicPartition partition, OffsetAndMetadata next, WriteBatch batch) throws RocksDBException {
        ByteBuffer value = ByteBuffer.allocate(Long.BYTES + Integer.BYTES)
                .putLong(next.offset())
                .putInt(next.leaderEpoch().orElse(NO_EPOCH));
        put(OFFSET + partition, value.array(), batch);
    }

    void putTopicId(String topic, String id, WriteBatch batch) throws RocksDBException {
        put(TOPIC_ID + topic, id.getBytes(UTF_8), batch);
    }

    /** @param full whether the view held everything at that moment */
    void putCheckpoint(Instant at, boolean full, WriteBatch batch) throws RocksDBException {
        byte[] value =
                ByteBuffer.allocate(Long.BYTES).putLong(at.toEpochMilli()).array();
        put(CHECKPOINT, value, batch);
        if (full) {
            put(FULL_AT, value, batch);
        }
    }

    private void put(String name, byte[] content, WriteBatch batch) throws RocksDBException {
        byte[] key = name.getBytes(UTF_8);
        byte[] value = new byte[Seal.LENGTH + content.length];
        System.arraycopy(content, 0, value, Seal.LENGTH, content.length);
        Seal.put(key, value);
        batch.put(family, key, value);
    }

    /** @param length of the content that is expected; below zero: any */
    private Optional<ByteBuffer> read(String name, int length) {
        byte[] key = name.getBytes(UTF_8);
        byte @Nullable [] value = get(key);
        if (value == null) {
            return Optional.empty();
        }
        Seal.check(key, value);
        if (length >= 0 && value.length != Seal.LENGTH + length) {
            throw new DamagedViewException("The view's position has another length than it was written with.");
        }
        return Optional.of(ByteBuffer.wrap(Arrays.copyOfRange(value, Seal.LENGTH, value.length)));
    }

    @SuppressWarnings("NullAway") // RocksDB: null when there is no such key.
    private byte @Nullable [] get(byte[] key) {
        try {
            return database.get(family, key);
        } catch (RocksDBException e) {
            throw new DamagedViewException("Cannot read the view's position: " + e.getMessage(), e);
        }
    }
}
