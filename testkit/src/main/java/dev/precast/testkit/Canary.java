package dev.precast.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Listens on an address where nobody has any business, and remembers who came. Thread-safe. */
public final class Canary implements AutoCloseable {
    private final ServerSocket server;
    private final List<String> hits = new CopyOnWriteArrayList<>();

    private Canary(ServerSocket server) {
        this.server = server;
    }

    /**
     * Starts on a free port.
     *
     * @param address of this machine, such as {@code 127.0.0.2} or {@code ::1}
     * @throws IOException if this machine does not have it
     */
    public static Canary listen(String address) throws IOException {
        Canary canary = new Canary(new ServerSocket(0, 50, InetAddress.getByName(address)));
        Thread thread = new Thread(canary::accept, "canary");
        thread.setDaemon(true);
        thread.start();
        return canary;
    }

    public int port() {
        return server.getLocalPort();
    }

    /** The first bytes of everybody who connected; empty text of those who sent none. */
    public List<String> hits() {
        return List.copyOf(hits);
    }

    @Override
    public void close() throws IOException {
        server.close();
    }

    private void accept() {
        while (!server.isClosed()) {
            try (Socket socket = server.accept()) {
                socket.setSoTimeout(500);
                byte[] head = new byte[4096];
                int at = hits.size();
                hits.add("");
                int read = socket.getInputStream().read(head);
                hits.set(at, new String(head, 0, Math.max(0, read), StandardCharsets.ISO_8859_1));
            } catch (IOException e) {
                // The next one, or closed.
            }
        }
    }
}
