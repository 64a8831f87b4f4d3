package dev.precast.serving.view;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The generation that is served while another is filled beside it: what comes after its own position it is given too, so that what
 * is deleted or moved meanwhile is not served on. It is damaged, and takes what it can. For the view's one writer.
 */
final class Predecessor {
    private static final Logger LOG = LoggerFactory.getLogger(Predecessor.class);

    private final RocksView view;
    /** Of each partition, the first record that it does not have. */
    private final Map<TopicPartition, Long> next = new HashMap<>();

    private boolean failed;

    Predecessor(RocksView view, Iterable<TopicPartition> partitions) {
        this.view = view;
        try {
            for (TopicPartition partition : partitions) {
                view.position().next(partition).ifPresent(known -> next.put(partition, known.offset()));
            }
        } catch (DamagedViewException e) {
            LOG.warn("Nobody knows what the damaged view lacks; it is served as it is until another takes its place.");
        }
    }

    /**
     * Applies what it does not have.
     *
     * @param changes that the records mean, one each
     * @param after the records, the position of each partition
     * @return the changes that it did not have, in their order, whether it could take them or not
     */
    List<ViewChange> apply(
            List<ConsumerRecord<byte[], byte[]>> records,
            List<ViewChange> changes,
            Map<TopicPartition, OffsetAndMetadata> after) {
        List<ViewChange> news = new ArrayList<>();
        for (int i = 0; i < records.size(); i++) {
            ConsumerRecord<byte[], byte[]> record = records.get(i);
            Long first = next.get(new TopicPartition(record.topic(), record.partition()));
            if (first != null && record.offset() >= first) {
                news.add(changes.get(i));
            }
        }
        Map<TopicPartition, OffsetAndMetadata> reached = new HashMap<>();
        after.forEach((partition, position) -> {
            Long first = next.get(partition);
            if (first != null && position.offset() > first) {
                reached.put(partition, position);
                next.put(partition, position.offset());
            }
        });
        if (!reached.isEmpty() && !applied(news, reached)) {
            news.forEach(change -> applied(List.of(change), Map.of()));
        }
        return news;
    }

    private boolean applied(List<ViewChange> changes, Map<TopicPartition, OffsetAndMetadata> reached) {
        try {
            view.apply(changes, reached);
            return true;
        } catch (RocksDBException | DamagedViewException e) {
            if (!failed) {
                failed = true;
                LOG.warn("The damaged view does not take every change until another takes its place: {}", e.toString());
            }
            return false;
        }
    }
}
