package dev.precast.launcher.up;

import dev.precast.launcher.config.LauncherConfig;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.image.Reference;
import java.nio.file.Path;

/** What {@code up} says once it is ready: addresses, and commands to copy. Pure but for the name of the script. */
public final class Greeting {
    /** The launcher script says how it was called. */
    private static final String COMMAND = "precast.command";

    private Greeting() {}

    public static String text(LocalSystem.Description system) {
        String serving = system.addresses().serving();
        Reference example = system.layout().stream().findFirst().orElse(null);
        String repository = example == null ? "REPOSITORY" : example.repository();
        String tag = example == null ? "TAG" : example.tag();
        String command = System.getProperty(COMMAND, "precast");
        StringBuilder text = new StringBuilder("ready\n\n");
        text.append("Old clients pull from ").append(serving).append(", for example\n");
        text.append("  curl -i -H 'Accept: ")
                .append(MediaTypes.SCHEMA1_SIGNED)
                .append("' ")
                .append(serving)
                .append("/v2/")
                .append(repository)
                .append("/manifests/")
                .append(tag)
                .append('\n');
        for (String verb : new String[] {"verify", "inspect"}) {
            text.append("  ")
                    .append(command)
                    .append(' ')
                    .append(verb)
                    .append(data(system.config().data()))
                    .append(' ')
                    .append(repository)
                    .append(':')
                    .append(tag)
                    .append('\n');
        }
        text.append("\nEvents go to ").append(system.addresses().events()).append("/events");
        text.append(system.hasLayout() ? "; the layout is watched by itself.\n" : notifications(system));
        text.append("\nHealth, metrics and status: ")
                .append(system.addresses().admin())
                .append("/\nKafka: ")
                .append(system.addresses().bootstrapServers())
                .append("\nEnd with Ctrl-C; the next start goes on with what is in ")
                .append(system.config().data())
                .append(".\n");
        return text.toString();
    }

    private static String data(Path directory) {
        return directory.equals(LauncherConfig.defaultData()) ? "" : " --data " + directory;
    }

    /**
     * For Docker Distribution, 2.8 and 3. Pulls are left out; 2.8 heeds {@code actions} only beside {@code mediatypes}
     * ({@code notifications/sinks.go} at v2.8.3).
     */
    private static String notifications(LocalSystem.Description system) {
        return ". In the registry's config.yml:\n"
                + "  notifications:\n"
                + "    endpoints:\n"
                + "      - name: precast\n"
                + "        url: " + system.addresses().events() + "/events\n"
                + "        timeout: 5s\n"
                + "        threshold: 5\n"
                + "        backoff: 1s\n"
                + "        ignore:\n"
                + "          mediatypes: [application/octet-stream]\n"
                + "          actions: [pull]\n";
    }
}
