package dev.precast.converter.topology;

import dev.precast.schemas.json.RecordJson;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.schemas.record.DeadLetter;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.streams.errors.DeserializationExceptionHandler;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A record of our topics that cannot be read goes raw to the dead letters, with where it lay, and the stream goes on. Made by
 * Kafka Streams from its configuration, hence public and without constructor arguments.
 */
public final class UnreadableRecords implements DeserializationExceptionHandler {
    private static final Logger LOG = LoggerFactory.getLogger(UnreadableRecords.class);
    /** Read by the global thread, which has no producer: Kafka Streams ends with it when it is given letters to write. */
    private static final Set<String> WITHOUT_PRODUCER =
            Set.of(TopicCatalogue.SETTINGS.name(), TopicCatalogue.KEYS.name(), TopicCatalogue.WALKS.name());

    private @Nullable UnreadLetters letters;

    @Override
    public Response handleError(
            ErrorHandlerContext context, ConsumerRecord<byte[], byte[]> record, Exception exception) {
        String offset = record.topic() + "-" + record.partition() + "@" + record.offset();
        LOG.warn(
                "Cannot read the record {}: {}. It is kept in {}.",
                offset,
                exception.getMessage(),
                TopicCatalogue.DEAD_LETTERS.name());
        DeadLetter letter = DeadLetter.of(
                record.topic(),
                "UNREADABLE_RECORD",
                String.valueOf(exception.getMessage()),
                record.value(),
                Instant.ofEpochMilli(Math.max(0, record.timestamp())),
                offset);
        UnreadLetters elsewhere = letters;
        if (elsewhere != null) {
            elsewhere.count();
        }
        if (WITHOUT_PRODUCER.contains(record.topic())) {
            if (elsewhere != null) {
                elsewhere.keep(letter);
            }
            return Response.resume();
        }
        return Response.resume(List.of(
                new ProducerRecord<>(TopicCatalogue.DEAD_LETTERS.name(), record.key(), RecordJson.write(letter))));
    }

    @Override
    public void configure(Map<String, ?> configs) {
        letters = configs.get(UnreadLetters.CONFIG) instanceof UnreadLetters found ? found : null;
    }
}
