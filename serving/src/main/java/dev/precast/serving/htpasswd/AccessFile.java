package dev.precast.serving.htpasswd;

import dev.precast.schemas.record.RepositoryPattern;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which user may read which repositories: lines of a user, or {@code *} for every user, and repository patterns. Immutable.
 *
 * @param patterns by user name
 */
record AccessFile(Map<String, List<RepositoryPattern>> patterns) {
    /** Every user may read everything. */
    static final AccessFile EVERYTHING = new AccessFile(Map.of("*", List.of(new RepositoryPattern("*"))));

    private static final String EVERYBODY = "*";

    AccessFile {
        patterns = Map.copyOf(patterns);
    }

    boolean allows(String user, String repository) {
        return matches(EVERYBODY, repository) || (!user.equals(EVERYBODY) && matches(user, repository));
    }

    static AccessFile read(Path file) throws IOException {
        return parse(file.toString(), Files.readAllLines(file));
    }

    /** @throws IOException naming the line that cannot be used */
    static AccessFile parse(String name, List<String> lines) throws IOException {
        Map<String, List<RepositoryPattern>> patterns = new HashMap<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            String[] words = line.split("\\s+");
            List<RepositoryPattern> own = patterns.computeIfAbsent(words[0], user -> new ArrayList<>());
            for (int w = 1; w < words.length; w++) {
                own.add(pattern(name, i, words[w]));
            }
        }
        patterns.replaceAll((user, own) -> List.copyOf(own));
        return new AccessFile(patterns);
    }

    private boolean matches(String user, String repository) {
        return patterns.getOrDefault(user, List.of()).stream().anyMatch(pattern -> pattern.matches(repository));
    }

    private static RepositoryPattern pattern(String name, int index, String word) throws IOException {
        try {
            return new RepositoryPattern(word);
        } catch (IllegalArgumentException e) {
            throw new IOException(
                    "Cannot use the access file " + name + ": line " + (index + 1) + ": " + e.getMessage()
                            + " Write a user and the patterns it may read, for example `ci team/*`.",
                    e);
        }
    }

    @Override
    public String toString() {
        return "AccessFile[" + patterns.size() + " users]";
    }
}
