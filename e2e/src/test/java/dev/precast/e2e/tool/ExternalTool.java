package dev.precast.e2e.tool;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** A program of others that tests run. Where it is missing, the tests that need it are skipped and say how to get it. */
public enum ExternalTool {
    DOCKER_REGISTRY("docker-registry", "apt-get install docker-registry"),
    SKOPEO("skopeo", "apt-get install skopeo"),
    PODMAN("podman", "apt-get install podman"),
    NGINX("nginx", "apt-get install nginx-light"),
    NODE("node", "apt-get install nodejs"),
    NPM("npm", "apt-get install npm"),
    /** Gives a command a terminal. */
    SCRIPT("script", "apt-get install bsdutils");

    /** Where Debian puts servers; an ordinary user's PATH lacks it. */
    private static final String SYSTEM_FOLDERS = File.pathSeparator + "/usr/sbin" + File.pathSeparator + "/sbin";

    private final String program;
    private final String howToGet;

    ExternalTool(String program, String howToGet) {
        this.program = program;
        this.howToGet = howToGet;
    }

    /** The executable, or empty where it is not installed. */
    public Optional<Path> find() {
        String folders = Optional.ofNullable(System.getenv("PATH")).orElse("") + SYSTEM_FOLDERS;
        return Stream.of(folders.split(File.pathSeparator))
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, program))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** @throws IllegalStateException if it is not installed; tests that need it say so with {@link Needs} */
    public String path() {
        return find().orElseThrow(() -> new IllegalStateException(missing())).toString();
    }

    /** One sentence for the report of a skipped test. */
    String missing() {
        return program + " is not installed (" + howToGet + ")";
    }
}
