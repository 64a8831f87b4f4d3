package dev.precast.serving.upstream;

import dev.precast.schemas.net.PublicAddresses;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import org.eclipse.jetty.client.Destination;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.SocketAddressResolver;

/**
 * Addresses of names, for the connections of one client. Of a destination that may have public addresses only, none is given if one
 * is not: what was checked is what is connected to, whatever the name leads to a moment later. Thread-safe.
 */
final class CheckedAddresses implements SocketAddressResolver {
    /** The tag of requests that may only go to public addresses; connections with it are kept apart from all others. */
    static final String PUBLIC_ONLY = "public addresses only";

    private final SocketAddressResolver names;

    CheckedAddresses(SocketAddressResolver names) {
        this.names = names;
    }

    /** The name leads to where nobody may go, or nowhere. */
    static final class NotPublicException extends IOException {
        private static final long serialVersionUID = 1L;

        NotPublicException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    @Override
    public void resolve(String host, int port, Map<String, Object> context, Promise<List<InetSocketAddress>> promise) {
        boolean publicOnly = context.get(Destination.CONTEXT_KEY) instanceof Destination destination
                && PUBLIC_ONLY.equals(destination.getOrigin().getTag());
        names.resolve(host, port, context, publicOnly ? checked(promise) : promise);
    }

    private static Promise<List<InetSocketAddress>> checked(Promise<List<InetSocketAddress>> promise) {
        return new Promise<>() {
            @Override
            public void succeeded(List<InetSocketAddress> found) {
                if (!found.isEmpty() && found.stream().allMatch(one -> PublicAddresses.isPublic(one.getAddress()))) {
                    promise.succeeded(found);
                } else {
                    failed(new IOException("an address that is not public"));
                }
            }

            @Override
            public void failed(Throwable x) {
                promise.failed(new NotPublicException("The name has no public address only", x));
            }
        };
    }
}
