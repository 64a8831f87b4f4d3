package dev.precast.launcher.admin;

import dev.precast.schemas.config.ListenAddress;
import dev.precast.schemas.record.KeyRing;
import dev.precast.schemas.role.Role;
import dev.precast.serving.ServingApp;
import dev.precast.serving.keys.PublishedKeys;
import io.javalin.Javalin;
import io.javalin.http.Context;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Health for machines, metrics for Prometheus, and a page for people. Without authorisation: it says nothing of images. */
public final class AdminServer implements AutoCloseable {
    private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";
    private static final int UNAVAILABLE = 503;

    private final ListenAddress listen;
    private final Meters meters;
    private final Supplier<List<Role>> roles;
    private final Javalin server;

    /** @param roles those that run now; none while the process starts */
    public AdminServer(ListenAddress listen, Meters meters, Supplier<List<Role>> roles) {
        this.listen = listen;
        this.meters = meters;
        this.roles = roles;
        this.server = Javalin.create(config -> {
            config.startup.showJavalinBanner = false;
            config.routes.get(
                    "/health/live",
                    context -> health(context, role -> role.health().live(), true));
            config.routes.get(
                    "/health/ready",
                    context -> health(context, role -> role.health().ready(), false));
            config.routes.get(
                    "/metrics", context -> context.contentType(PROMETHEUS).result(meters.scrape()));
            config.routes.get(
                    "/.well-known/jwks.json",
                    context -> keys(context, "application/jwk-set+json", PublishedKeys::jwks));
            config.routes.get("/keys", context -> keys(context, "application/json", PublishedKeys::ids));
            config.routes.get("/", context -> context.html(StatusPage.html(roles.get())));
        });
    }

    public void start() {
        meters.bindJvm();
        server.start(listen.host(), listen.port());
    }

    /** Without a slash at the end. */
    public String url() {
        return "http://" + listen.host() + ":" + server.port();
    }

    @Override
    public void close() {
        server.stop();
        meters.close();
    }

    private void health(Context context, Predicate<Role> good, boolean whenEmpty) {
        List<Role> now = roles.get();
        boolean all = now.isEmpty() ? whenEmpty : now.stream().allMatch(good);
        String lines = now.stream()
                .map(role -> role.name() + ": " + role.health().detail() + "\n")
                .collect(Collectors.joining());
        context.status(all ? 200 : UNAVAILABLE).result(lines.isEmpty() ? "starting\n" : lines);
    }

    /** Where serving runs: it follows the keys. */
    private void keys(Context context, String contentType, Function<KeyRing, String> text) {
        roles.get().stream()
                .filter(ServingApp.class::isInstance)
                .map(ServingApp.class::cast)
                .findFirst()
                .ifPresentOrElse(
                        serving -> context.contentType(contentType).result(text.apply(serving.keys())),
                        () -> context.status(404).result("Only the serving role publishes the keys.\n"));
    }
}
