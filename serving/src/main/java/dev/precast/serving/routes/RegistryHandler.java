package dev.precast.serving.routes;

import io.javalin.http.Context;
import io.javalin.http.Handler;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What {@link FrontHandler} has decided to ask of the upstream, whatever its path: Javalin's own routing would decode paths before
 * anyone checks them.
 */
final class RegistryHandler implements Handler {
    private static final Logger LOG = LoggerFactory.getLogger(RegistryHandler.class);

    private final Wire wire;

    RegistryHandler(Wire wire) {
        this.wire = wire;
    }

    @Override
    public void handle(Context context) throws IOException {
        context.skipRemainingHandlers();
        if (!(context.req().getAttribute(Exchange.ATTRIBUTE) instanceof Exchange exchange)) {
            throw new IllegalStateException("A request came past the front.");
        }
        try {
            exchange.sent(wire.send(exchange.asked(), exchange.answer(), context.res()));
        } catch (Wire.BrokenAnswerException e) {
            LOG.warn("Broke a client's connection: {}", e.getMessage());
            breakConnection(context.req());
            exchange.brokenOff();
        }
    }

    /** The only way to tell a client that a body without a known length is not whole. */
    private static void breakConnection(HttpServletRequest request) {
        ServletContextRequest.getServletContextRequest(request)
                .getConnectionMetaData()
                .getConnection()
                .getEndPoint()
                .close();
    }
}
