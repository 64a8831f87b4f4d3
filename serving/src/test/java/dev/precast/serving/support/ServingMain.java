package dev.precast.serving.support;

import dev.precast.schemas.kafka.KafkaConfig;
import java.net.URI;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The serving role in a JVM of its own, to be killed or measured. Arguments: bootstrap servers, partitions, upstream, data, and
 * then settings, key and value. Prints {@code started} with the address, and {@code ready}; ends on SIGTERM.
 */
public final class ServingMain {
    private static final int FIXED = 4;

    private ServingMain() {}

    public static void main(String[] args) throws InterruptedException {
        KafkaConfig kafka = KafkaConfig.plaintext(args[0], Integer.parseInt(args[1]));
        String[] settings = Arrays.copyOfRange(args, FIXED, args.length);
        Serving serving = Serving.start(kafka, URI.create(args[2]), Path.of(args[3]), settings);
        Runtime.getRuntime().addShutdownHook(new Thread(serving::close));
        System.out.println("started " + serving.app().address());
        while (!serving.app().health().ready()) {
            Thread.sleep(5);
        }
        System.out.println("ready");
        Thread.sleep(Long.MAX_VALUE);
    }
}
