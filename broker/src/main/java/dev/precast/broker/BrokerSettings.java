package dev.precast.broker;

import java.nio.file.Path;

/**
 * What a broker is started with.
 *
 * @param directory holds everything of the broker; made when missing
 * @param port on 127.0.0.1; 0: the port of the last start in this directory, or another free one when that is taken
 * @param maxRecordBytes the largest record that producers may send, before compression
 * @param heapMegabytes of the child's JVM
 */
public record BrokerSettings(Path directory, int port, int maxRecordBytes, int heapMegabytes) {
    private static final int SMALL_HEAP = 128;

    public BrokerSettings {
        directory = directory.toAbsolutePath().normalize();
    }

    /** Any free port, and a heap that has been seen to carry records of 16 MiB. */
    public static BrokerSettings in(Path directory, int maxRecordBytes) {
        return new BrokerSettings(directory, 0, maxRecordBytes, SMALL_HEAP);
    }
}
