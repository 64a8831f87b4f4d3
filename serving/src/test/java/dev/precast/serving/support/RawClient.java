package dev.precast.serving.support;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** One connection that is used again and made anew when it is gone; sends whatever it is given. For one thread. */
public final class RawClient implements AutoCloseable {
    private static final int TIMEOUT_MILLIS = 30_000;

    private final InetSocketAddress server;
    private final @Nullable InetAddress from;
    private @Nullable Socket socket;
    private InputStream in = InputStream.nullInputStream();

    /**
     * What came back.
     *
     * @param status 0 when the connection ended without an answer
     * @param head the header lines as they came
     */
    public record Reply(int status, String head, String body) {}

    public RawClient(InetSocketAddress server) {
        this(server, null);
    }

    /** @param from the address to come from; absent: any */
    public RawClient(InetSocketAddress server, @Nullable InetAddress from) {
        this.server = server;
        this.from = from;
    }

    /** Sends and reads one answer; once more on a fresh connection if the one before had been closed meanwhile. */
    public Reply send(String request, boolean head) throws IOException {
        boolean used = socket != null;
        Reply reply = sendOnce(request, head);
        return reply.status() == 0 && used ? sendOnce(request, head) : reply;
    }

    private Reply sendOnce(String request, boolean head) throws IOException {
        Socket open = open();
        try {
            open.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            open.getOutputStream().flush();
            return read(head);
        } catch (java.net.SocketException e) {
            close(); // Closed under us: after an answer that said so, or because of what was sent.
            return new Reply(0, "", "");
        }
    }

    private Reply read(boolean head) throws IOException {
        String headers = readHead();
        if (headers.isEmpty()) {
            close();
            return new Reply(0, "", "");
        }
        int status = Integer.parseInt(headers.substring(9, 12));
        String lower = headers.toLowerCase(Locale.ROOT);
        int at = lower.indexOf("\r\ncontent-length:");
        int length = at < 0
                ? 0
                : Integer.parseInt(
                        lower.substring(at + 17, lower.indexOf("\r\n", at + 2)).strip());
        byte[] body = head || status == 304 ? new byte[0] : in.readNBytes(length);
        boolean more = in.available() > 0;
        if (more || lower.contains("connection: close") || lower.contains("transfer-encoding")) {
            close();
        }
        return new Reply(status, headers, new String(body, StandardCharsets.UTF_8));
    }

    private String readHead() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int last = 0, next = in.read(); next >= 0; next = in.read()) {
            all.write(next);
            last = last << 8 | next;
            if (last == 0x0d0a0d0a) {
                return all.toString(StandardCharsets.ISO_8859_1);
            }
        }
        return "";
    }

    private Socket open() throws IOException {
        Socket present = socket;
        if (present != null) {
            return present;
        }
        Socket fresh = new Socket();
        fresh.setTcpNoDelay(true);
        fresh.setSoTimeout(TIMEOUT_MILLIS);
        if (from != null) {
            fresh.bind(new InetSocketAddress(from, 0));
        }
        fresh.connect(server, TIMEOUT_MILLIS);
        in = new BufferedInputStream(fresh.getInputStream());
        socket = fresh;
        return fresh;
    }

    @Override
    public void close() throws IOException {
        if (socket != null) {
            socket.close();
            socket = null;
        }
    }
}
