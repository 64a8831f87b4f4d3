package dev.precast.bench.tool;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** Ports of 127.0.0.1 for programs that cannot choose one themselves. */
public final class Ports {
    private static final int ATTEMPTS = 500;

    private Ports() {}

    /** One that nobody listens on at this moment. */
    public static int free() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** Returns when somebody listens; gives up after 10 s. */
    public static void await(int port) throws IOException, InterruptedException {
        for (int i = 0; ; i++) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
                return;
            } catch (IOException e) {
                if (i > ATTEMPTS) {
                    throw e;
                }
                Thread.sleep(20);
            }
        }
    }
}
