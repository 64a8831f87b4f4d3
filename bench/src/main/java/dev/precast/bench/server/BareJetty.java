package dev.precast.bench.server;

import dev.precast.schemas.image.MediaTypes;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;

/**
 * A program of its own: a bare Jetty handler that answers from a map. What Java and Jetty can reach when nothing else is done.
 * Arguments: pairs of a path and the file that holds its bytes. Says {@code READY port}.
 */
public final class BareJetty {
    private BareJetty() {}

    public static void main(String[] arguments) throws Exception {
        Map<String, byte[]> answers = new HashMap<>();
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            answers.put(arguments[i], Files.readAllBytes(Path.of(arguments[i + 1])));
        }
        Server server = new Server();
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setSendDateHeader(true);
        ServerConnector connector = new ServerConnector(server, new HttpConnectionFactory(http));
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        server.setHandler(new FromMap(answers));
        server.start();
        System.out.println("READY " + connector.getLocalPort());
        server.join();
    }

    private static final class FromMap extends Handler.Abstract.NonBlocking {
        private final Map<String, byte[]> answers;

        FromMap(Map<String, byte[]> answers) {
            this.answers = answers;
        }

        @Override
        public boolean handle(Request request, Response response, Callback callback) {
            byte[] bytes = answers.get(request.getHttpURI().getPath());
            if (bytes == null) {
                return false;
            }
            response.getHeaders().put(HttpHeader.CONTENT_TYPE, MediaTypes.SCHEMA1_SIGNED);
            response.getHeaders().put(HttpHeader.CONTENT_LENGTH, bytes.length);
            response.write(true, ByteBuffer.wrap(bytes), callback);
            return true;
        }
    }
}
