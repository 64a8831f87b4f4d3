package dev.precast.launcher.command;

import dev.precast.converter.ConverterConfig;
import dev.precast.ingest.EventsConfig;
import dev.precast.launcher.config.LauncherConfig;
import dev.precast.launcher.up.Progress;
import dev.precast.launcher.up.Roles;
import dev.precast.launcher.up.SingleRole;
import dev.precast.schemas.config.RegistryKeys;
import dev.precast.schemas.role.Role;
import dev.precast.serving.ServingConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** One role against an existing cluster. */
@SuppressWarnings("NullAway.Init") // picocli fills in
public abstract class RoleCommand implements Callable<Integer> {
    @Mixin
    final CommonOptions options = new CommonOptions();

    @Spec
    private CommandSpec spec;

    private final Function<Roles, Role> choice;

    RoleCommand(Function<Roles, Role> choice) {
        this.choice = choice;
    }

    @Option(
            names = "--admin-listen",
            paramLabel = "HOST:PORT",
            description = "Health, metrics, status page. Default: 127.0.0.1:5082.")
    void adminListen(String address) {
        options.put(LauncherConfig.ADMIN_LISTEN, address);
    }

    @Override
    public Integer call() throws Exception {
        Progress progress = new Progress(spec.commandLine().getErr());
        SingleRole role = new SingleRole(options.values(), choice, progress);
        Runtime.getRuntime().addShutdownHook(new Thread(role::close, "precast-shutdown"));
        try (role) {
            role.start();
            return role.awaitEnd() ? 0 : 1;
        }
    }

    /** Events to hints, hints to image records. */
    @Command(name = "ingest", description = "Take registries' events, and read the tags that they name.")
    public static final class Ingest extends RoleCommand {
        public Ingest() {
            super(Roles::ingest);
        }

        @Option(names = "--registry", paramLabel = "URL", description = "The upstream registry.")
        void registry(String url) {
            options.put(RegistryKeys.URL, url);
        }

        @Option(names = "--events-listen", paramLabel = "HOST:PORT", description = "Events. Default: 127.0.0.1:5081.")
        void eventsListen(String address) {
            options.put(EventsConfig.LISTEN, address);
        }
    }

    /** Image records to variants. */
    @Command(name = "converter", description = "Build and sign the older formats.")
    public static final class Converter extends RoleCommand {
        public Converter() {
            super(Roles::converter);
        }

        @Option(names = "--key", paramLabel = "FILE", description = "Private key that signs, PEM or JWK.")
        void keys(List<Path> files) {
            options.put(
                    ConverterConfig.KEYS,
                    String.join(",", files.stream().map(Path::toString).toList()));
        }
    }

    /** Variants to clients. */
    @Command(name = "serving", description = "Serve clients of every age.")
    public static final class Serving extends RoleCommand {
        public Serving() {
            super(Roles::serving);
        }

        @Option(names = "--registry", paramLabel = "URL", description = "The upstream registry.")
        void registry(String url) {
            options.put(RegistryKeys.URL, url);
        }

        @Option(names = "--listen", paramLabel = "HOST:PORT", description = "Clients. Default: 127.0.0.1:5080.")
        void listen(String address) {
            options.put(ServingConfig.LISTEN, address);
        }
    }
}
