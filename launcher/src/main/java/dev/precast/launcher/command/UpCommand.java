package dev.precast.launcher.command;

import dev.precast.converter.ConverterConfig;
import dev.precast.ingest.EventsConfig;
import dev.precast.launcher.config.LauncherConfig;
import dev.precast.launcher.up.Greeting;
import dev.precast.launcher.up.LocalSystem;
import dev.precast.launcher.up.Progress;
import dev.precast.schemas.config.RegistryKeys;
import dev.precast.serving.ServingConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Everything on this machine: broker, ingest, converter, serving. */
@Command(
        name = "up",
        description = {
            "Run everything on this machine: a Kafka broker, ingest, converter and serving.",
            "Without --registry and --layout, the bundled samples are served, with conversion on for them."
        },
        footer = {
            "",
            "Beside a registry that sends its notifications to http://127.0.0.1:5081/events:",
            "  precast up --registry http://127.0.0.1:5000 --convert '*'"
        })
@SuppressWarnings("NullAway.Init") // picocli fills in
public final class UpCommand implements Callable<Integer> {
    private static final String LIST = ",";

    @Mixin
    private CommonOptions options;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--registry",
            paramLabel = "URL",
            description = "The upstream registry, e.g. http://127.0.0.1:5000.")
    void registry(String url) {
        options.put(RegistryKeys.URL, url);
    }

    @Option(names = "--layout", paramLabel = "DIR", description = "An OCI image layout directory as the upstream.")
    void layout(String directory) {
        options.put(LauncherConfig.LAYOUT, directory);
    }

    @Option(names = "--listen", paramLabel = "HOST:PORT", description = "Serving. Default: 127.0.0.1:5080.")
    void listen(String address) {
        options.put(ServingConfig.LISTEN, address);
    }

    @Option(names = "--events-listen", paramLabel = "HOST:PORT", description = "Events. Default: 127.0.0.1:5081.")
    void eventsListen(String address) {
        options.put(EventsConfig.LISTEN, address);
    }

    @Option(
            names = "--admin-listen",
            paramLabel = "HOST:PORT",
            description = "Health, metrics, status page. Default: 127.0.0.1:5082.")
    void adminListen(String address) {
        options.put(LauncherConfig.ADMIN_LISTEN, address);
    }

    @Option(
            names = "--convert",
            paramLabel = "PATTERN",
            description =
                    "Turn conversion on for these repositories; * is any run of characters. Without it nothing is converted.")
    void convert(List<String> patterns) {
        options.put(LauncherConfig.CONVERT, String.join(LIST, patterns));
    }

    @Option(
            names = "--key",
            paramLabel = "FILE",
            description = "Private key that signs, PEM or JWK. Without it, a key for this run only.")
    void keys(List<Path> files) {
        options.put(
                ConverterConfig.KEYS,
                String.join(LIST, files.stream().map(Path::toString).toList()));
    }

    @Override
    public Integer call() throws Exception {
        Progress progress = new Progress(spec.commandLine().getErr());
        LocalSystem system = new LocalSystem(options.values(), progress);
        Runtime.getRuntime().addShutdownHook(new Thread(system::close, "precast-shutdown"));
        try (system) {
            system.start();
            spec.commandLine().getOut().print(Greeting.text(system.description()));
            spec.commandLine().getOut().flush();
            return system.awaitEnd() ? 0 : 1;
        }
    }
}
