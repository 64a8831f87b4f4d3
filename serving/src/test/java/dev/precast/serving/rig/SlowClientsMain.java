package dev.precast.serving.rig;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.serving.support.FakeUpstream;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * {@link SlowClients} and the upstream whose blobs they ask for, in a JVM of their own: what they cost is not the server's affair.
 * Prints {@code upstream} with its URL, then does what the lines of its input say: {@code PORT TRICKLERS STALLED} lets them come,
 * an empty line ends them and is answered by what they saw.
 */
public final class SlowClientsMain {
    private static final int BLOB_BYTES = 16 << 20;

    private SlowClientsMain() {}

    public static void main(String[] args) throws Exception {
        byte[] large = new byte[BLOB_BYTES];
        String blob = "/v2/a/b/blobs/" + Digest.sha256(large);
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        try (FakeUpstream upstream =
                new FakeUpstream().on(blob, FakeUpstream.bytes(200, MediaTypes.OCTET_STREAM, large))) {
            System.out.println("upstream " + upstream.url());
            for (String line = input.readLine(); line != null; line = input.readLine()) {
                String[] parts = line.split(" ");
                InetSocketAddress server =
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(parts[0]));
                AtomicBoolean more = new AtomicBoolean(true);
                Thread end = new Thread(() -> awaitLine(input, more));
                try (SlowClients clients =
                        new SlowClients(server, blob, Integer.parseInt(parts[1]), Integer.parseInt(parts[2]))) {
                    end.start();
                    System.out.println(clients.run(more::get).line());
                }
                end.join();
            }
        }
    }

    private static void awaitLine(BufferedReader input, AtomicBoolean more) {
        try {
            input.readLine();
        } catch (java.io.IOException e) {
            System.err.println("The rig is gone: " + e);
        }
        more.set(false);
    }
}
