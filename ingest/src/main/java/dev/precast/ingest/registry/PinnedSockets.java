package dev.precast.ingest.registry;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLSocketFactory;

/**
 * TLS sockets that connect to one address, whatever address they are told. {@link javax.net.ssl.HttpsURLConnection} asks for an
 * unconnected socket, connects it, and then has TLS put around it with the name of the host, for which the certificate must be.
 * Thread-safe.
 */
final class PinnedSockets extends SSLSocketFactory implements AutoCloseable {
    private final SSLSocketFactory tls;
    private final InetAddress address;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;
    private volatile boolean cutOff;

    PinnedSockets(SSLSocketFactory tls, InetAddress address) {
        this.tls = tls;
        this.address = address;
    }

    /** Ends all that was made, and all that will be. */
    @Override
    public void close() {
        closed = true;
        for (Socket socket : open) {
            try {
                socket.close();
            } catch (IOException e) {
                // It is closed all the same.
            }
        }
    }

    /** As {@link #close}, for having taken too long. */
    void cutOff() {
        cutOff = true;
        close();
    }

    boolean isCutOff() {
        return cutOff;
    }

    @Override
    public Socket createSocket() {
        return new Pinned();
    }

    @Override
    public Socket createSocket(Socket socket, String host, int port, boolean autoClose) throws IOException {
        return tls.createSocket(socket, host, port, autoClose);
    }

    /** A socket that is not to be connected by us could go anywhere. */
    @Override
    public Socket createSocket(String host, int port) throws IOException {
        throw unpinned();
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress localHost, int localPort) throws IOException {
        throw unpinned();
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        throw unpinned();
    }

    @Override
    public Socket createSocket(InetAddress address, int port, InetAddress localAddress, int localPort)
            throws IOException {
        throw unpinned();
    }

    private static IOException unpinned() {
        return new IOException("Only to the addresses that were checked");
    }

    @Override
    public String[] getDefaultCipherSuites() {
        return tls.getDefaultCipherSuites();
    }

    @Override
    public String[] getSupportedCipherSuites() {
        return tls.getSupportedCipherSuites();
    }

    private final class Pinned extends Socket {
        @Override
        public void connect(SocketAddress endpoint) throws IOException {
            connect(endpoint, 0);
        }

        /** @param endpoint of which only the port counts */
        @Override
        public void connect(SocketAddress endpoint, int timeout) throws IOException {
            open.add(this);
            if (closed) {
                throw new IOException("Cut off");
            }
            super.connect(new InetSocketAddress(address, ((InetSocketAddress) endpoint).getPort()), timeout);
        }
    }
}
