package dev.precast.serving.support;

import dev.precast.schemas.kafka.KafkaConfig;
import java.net.URI;
import java.nio.file.Path;

/** The serving role in a JVM of its own, to be killed. Arguments: bootstrap servers, partitions, upstream, data. */
public final class ServingMain {
    private ServingMain() {}

    public static void main(String[] args) throws InterruptedException {
        KafkaConfig kafka = KafkaConfig.plaintext(args[0], Integer.parseInt(args[1]));
        try (Serving serving = Serving.start(kafka, URI.create(args[2]), Path.of(args[3]))) {
            System.out.println("started " + serving.app().address());
            Thread.sleep(Long.MAX_VALUE);
        }
    }
}
