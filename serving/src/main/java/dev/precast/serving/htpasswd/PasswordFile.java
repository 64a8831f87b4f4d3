package dev.precast.serving.htpasswd;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The users of an Apache password file, each with a bcrypt hash. Immutable.
 *
 * @param hashes by user name, in the form {@code $2y$10$…}
 * @param cost of the most expensive hash: what an unknown user has to cost too
 */
record PasswordFile(Map<String, String> hashes, int cost) {
    static final int LEAST_COST = 4;
    /** A comparison at 17 takes some ten seconds; what {@code htpasswd -C} allows. */
    static final int MOST_COST = 17;

    private static final Pattern BCRYPT = Pattern.compile("\\$2[aby]\\$[0-9]{2}\\$[./A-Za-z0-9]{53}");
    private static final int MAX_BYTES = 16 << 20;

    PasswordFile {
        hashes = Map.copyOf(hashes);
    }

    Optional<String> hash(String user) {
        return Optional.ofNullable(hashes.get(user));
    }

    /** @throws IOException naming the line that cannot be used, and never what stands on it */
    static PasswordFile read(Path file) throws IOException {
        if (Files.size(file) > MAX_BYTES) {
            throw new IOException("Cannot read " + file + ": found more than 16 MiB, expected a password file.");
        }
        return parse(file.toString(), Files.readAllLines(file));
    }

    static PasswordFile parse(String name, List<String> lines) throws IOException {
        Map<String, String> hashes = new HashMap<>();
        int cost = LEAST_COST;
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            int colon = line.indexOf(':');
            if (colon <= 0) {
                throw unusable(name, i, "no user and password", "Write user:hash");
            }
            String hash = line.substring(colon + 1);
            requireBcrypt(name, i, hash);
            cost = Math.max(cost, cost(hash));
            if (hashes.put(line.substring(0, colon), hash) != null) {
                throw unusable(name, i, "a user who has a line already", "Remove one of them");
            }
        }
        return new PasswordFile(hashes, cost);
    }

    /** Whether one user can be told from another by how long a comparison takes. */
    boolean mixedCosts() {
        return hashes.values().stream().map(PasswordFile::cost).distinct().count() > 1;
    }

    private static int cost(String hash) {
        return Integer.parseInt(hash.substring(4, 6));
    }

    private static void requireBcrypt(String name, int index, String hash) throws IOException {
        if (!BCRYPT.matcher(hash).matches()) {
            throw unusable(name, index, kind(hash), "Set the password anew with `htpasswd -B`");
        }
        int cost = cost(hash);
        if (cost < LEAST_COST || cost > MOST_COST) {
            throw unusable(
                    name,
                    index,
                    "a bcrypt hash of cost " + cost,
                    "Use a cost of " + LEAST_COST + " to " + MOST_COST + ", for example `htpasswd -B -C 10`");
        }
    }

    private static String kind(String hash) {
        if (hash.startsWith("$apr1$") || hash.startsWith("$1$")) {
            return "an MD5 hash";
        }
        if (hash.startsWith("{SHA}")) {
            return "a SHA-1 hash";
        }
        if (hash.startsWith("$5$") || hash.startsWith("$6$")) {
            return "a SHA-2 crypt hash";
        }
        if (hash.startsWith("$2")) {
            return "a damaged or unsupported bcrypt hash";
        }
        return hash.length() == 13 ? "what looks like a crypt hash" : "no hash of a known kind";
    }

    private static IOException unusable(String name, int index, String found, String step) {
        return new IOException("Cannot use the password file " + name + ": found " + found + " on line " + (index + 1)
                + ", expected a user and a bcrypt hash. " + step + ".");
    }

    /** User names only would already be too much in a log. */
    @Override
    public String toString() {
        return "PasswordFile[" + hashes.size() + " users]";
    }
}
