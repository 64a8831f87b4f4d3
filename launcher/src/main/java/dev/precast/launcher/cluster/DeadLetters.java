package dev.precast.launcher.cluster;

import dev.precast.schemas.json.RecordJson;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.schemas.record.DeadLetter;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** What was refused at the door, as it lies in its topic. */
public final class DeadLetters {
    private final KafkaConfig config;

    public DeadLetters(KafkaConfig config) {
        this.config = config;
    }

    /**
     * One record.
     *
     * @param key of the record: a source, or the key of the record that could not be read; absent when it has none
     * @param writtenAt by Kafka's timestamp
     * @param letter absent when the record itself cannot be read, or lacks what every letter has
     */
    public record Stored(
            int partition,
            long offset,
            @Nullable String key,
            Instant writtenAt,
            @Nullable DeadLetter letter) {
        /** {@code PARTITION:OFFSET}, as the commands take it. */
        public String place() {
            return partition + ":" + offset;
        }
    }

    /** One record that is there, whatever it holds. */
    private record Place(TopicPartition partition, long offset, long writtenAt) {}

    /** The newest, at most so many, in the order in which they were written. Only one at a time is held: they are large. */
    public void newest(int limit, Consumer<Stored> each) throws IOException {
        List<Place> found = new ArrayList<>();
        // Twice: the converter writes in transactions, whose ends take offsets too.
        TopicScan.read(
                config,
                TopicScan.allPartitions(config, TopicCatalogue.DEAD_LETTERS),
                2L * limit,
                record -> found.add(new Place(
                        new TopicPartition(record.topic(), record.partition()), record.offset(), record.timestamp())),
                share -> {});
        found.sort(Comparator.comparingLong(Place::writtenAt)
                .thenComparingInt(place -> place.partition().partition())
                .thenComparingLong(Place::offset));
        Map<TopicPartition, SortedSet<Long>> places = new LinkedHashMap<>();
        found.subList(Math.max(0, found.size() - limit), found.size())
                .forEach(place -> places.computeIfAbsent(place.partition(), p -> new TreeSet<>())
                        .add(place.offset()));
        TopicScan.readAt(config, places, record -> each.accept(stored(record)));
    }

    /** All that are there now, oldest first. */
    public void all(Consumer<Stored> each) throws IOException {
        TopicScan.read(
                config,
                TopicScan.allPartitions(config, TopicCatalogue.DEAD_LETTERS),
                Long.MAX_VALUE,
                record -> each.accept(stored(record)),
                share -> {});
    }

    /**
     * Those at these places, nothing else is read; none for a place where there is none.
     *
     * @param places {@code PARTITION:OFFSET}
     */
    public void at(Collection<String> places, Consumer<Stored> each) throws IOException {
        int partitions = TopicScan.partitions(config, TopicCatalogue.DEAD_LETTERS);
        Map<TopicPartition, SortedSet<Long>> offsets = new LinkedHashMap<>();
        for (String place : places) {
            String[] numbers = place.split(":", 2);
            long partition = number(numbers[0]);
            long offset = number(numbers[1]);
            if (partition < partitions && offset < Long.MAX_VALUE) {
                offsets.computeIfAbsent(
                                new TopicPartition(TopicCatalogue.DEAD_LETTERS.name(), (int) partition),
                                p -> new TreeSet<>())
                        .add(offset);
            }
        }
        TopicScan.readAt(config, offsets, record -> each.accept(stored(record)));
    }

    /** A number with more digits than places have is larger than all of them. */
    private static long number(String digits) {
        try {
            return Long.parseLong(digits);
        } catch (NumberFormatException e) {
            return Long.MAX_VALUE;
        }
    }

    private static Stored stored(ConsumerRecord<String, byte[]> found) {
        DeadLetter letter;
        try {
            letter = found.value() == null ? null : RecordJson.read(found.value(), DeadLetter.class);
            if (letter != null) {
                letter.bytes();
            }
        } catch (IOException | IllegalArgumentException e) {
            letter = null;
        }
        return new Stored(
                found.partition(), found.offset(), found.key(), Instant.ofEpochMilli(found.timestamp()), letter);
    }

    /** Takes hints; to be closed. */
    public Resubmission resubmission() throws IOException {
        return new Resubmission(config);
    }
}
