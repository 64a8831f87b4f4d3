package dev.precast.converter.jws;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyException;
import java.util.List;
import java.util.stream.Stream;

/** The files in {@code src/test/resources/jws}; its README says how each was made. */
final class Fixtures {
    private static final Path ROOT = Path.of("src/test/resources/jws");

    private Fixtures() {}

    /** Names in a folder, sorted. */
    static List<String> names(String folder) {
        try (Stream<Path> files = Files.list(ROOT.resolve(folder))) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Path path(String folder, String name) {
        return ROOT.resolve(folder).resolve(name);
    }

    static byte[] bytes(String folder, String name) {
        try {
            return Files.readAllBytes(path(folder, name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String text(String folder, String name) {
        return new String(bytes(folder, name), StandardCharsets.UTF_8);
    }

    /** A key of {@code keys/}: git keeps no file modes, so the text is parsed. */
    static SigningKey key(String name) {
        try {
            return KeyFiles.parse(text("keys", name), name);
        } catch (KeyException e) {
            throw new IllegalStateException(e);
        }
    }

    static List<SigningKey> keys() {
        return names("keys").stream().map(Fixtures::key).toList();
    }
}
