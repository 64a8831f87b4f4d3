package dev.precast.ingest.webhook;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/** Closes connections from addresses that may not connect, before anything is read of them. */
final class DoorConnector extends ServerConnector {
    private final Predicate<InetAddress> allowed;
    private final Consumer<InetAddress> closed;

    /** @param closed is told of each connection that is closed */
    DoorConnector(
            Server server,
            Predicate<InetAddress> allowed,
            Consumer<InetAddress> closed,
            ConnectionFactory... factories) {
        super(server, factories);
        this.allowed = allowed;
        this.closed = closed;
    }

    @Override
    protected void onEndPointOpened(EndPoint endPoint) {
        super.onEndPointOpened(endPoint);
        InetAddress address = ((InetSocketAddress) endPoint.getRemoteSocketAddress()).getAddress();
        if (!allowed.test(address)) {
            closed.accept(address);
            endPoint.close();
        }
    }
}
