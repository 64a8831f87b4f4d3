package dev.precast.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/** Ports on loopback for what must be told a number, because others are told it too. Thread-safe. */
public final class Ports {
    private static final int FIRST = 20_000;
    private static final int END = 32_000;
    private static final Set<Integer> GIVEN = ConcurrentHashMap.newKeySet();

    private Ports() {}

    /**
     * A port that was free a moment ago, never the same twice. It is below those that systems give to clients and to other servers: they
     * could take it before it is bound, or while its server is away, and one that connects to it then could even be given that very port
     * and be connected to itself.
     */
    public static int free() {
        return ThreadLocalRandom.current()
                .ints(END - FIRST, FIRST, END)
                .filter(GIVEN::add)
                .filter(Ports::isFree)
                .findFirst()
                .orElseThrow();
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
