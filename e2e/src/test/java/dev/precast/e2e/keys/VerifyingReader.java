package dev.precast.e2e.keys;

import dev.precast.converter.jws.KeyFiles;
import dev.precast.converter.jws.ManifestVerifier;
import dev.precast.converter.jws.SignatureCheck;
import dev.precast.converter.jws.Verdict;
import dev.precast.converter.jws.Verification;
import dev.precast.e2e.client.RegistryReader;
import dev.precast.e2e.client.RegistryReader.Answer;
import dev.precast.schemas.image.MediaTypes;
import java.nio.charset.StandardCharsets;
import java.security.KeyException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * An old client that pulls one tag after the other, checks every answer against the published key history, and notes what no
 * reader may ever see. One thread at a time.
 */
final class VerifyingReader {
    private static final Pattern MOVE = Pattern.compile("move (\\d+)\\.");
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration PAUSE = Duration.ofMillis(20);

    private final RegistryReader registry;
    private final Supplier<String> jwks;
    private final Map<String, Integer> newest = new HashMap<>();
    private final Set<String> history = new HashSet<>();
    private final List<String> wrong = new ArrayList<>();
    private long reads;

    /**
     * One answer.
     *
     * @param signers ids of the keys that signed it
     * @param move which of the tag's images it is
     */
    record Read(Set<String> signers, int move) {}

    /** @param jwks what serving publishes now */
    VerifyingReader(RegistryReader registry, Supplier<String> jwks) {
        this.registry = registry;
        this.jwks = jwks;
    }

    /** Reads random ones until it is told to end. */
    void readUntil(List<String> tags, Random random, Supplier<Boolean> end) {
        while (!end.get()) {
            read(tags.get(random.nextInt(tags.size())));
        }
    }

    Read read(String tag) {
        int colon = tag.indexOf(':');
        Answer answer = registry.get(
                "/v2/" + tag.substring(0, colon) + "/manifests/" + tag.substring(colon + 1), MediaTypes.SCHEMA1_SIGNED);
        reads++;
        if (answer.status() != 200) {
            wrong.add(tag + " was answered " + answer.status());
            return new Read(Set.of(), -1);
        }
        byte[] body = answer.response().body();
        Verification verification = verify(body);
        Set<String> signers = signers(verification);
        if (verification.verdict() != Verdict.VALID_TRUSTED) {
            wrong.add(tag + " is " + verification.verdict() + ", signed by " + signers + ": " + verification.problem());
        }
        if (!isTrusted(verification)) {
            wrong.add(tag + " is signed by a key that was never published: " + signers);
        }
        int move = move(body);
        int before = newest.merge(tag, move, Math::max);
        if (move < before) {
            wrong.add(tag + " went back from image " + before + " to " + move);
        }
        return new Read(signers, move);
    }

    /** Empty if all is well. */
    List<String> wrong() {
        return List.copyOf(wrong);
    }

    long reads() {
        return reads;
    }

    /**
     * The key may be newer than what was last read of the history. Serving publishes keys on a thread of its own, so a manifest may be
     * there a moment before its key.
     */
    private Verification verify(byte[] body) {
        long begun = System.nanoTime();
        Verification verification = ManifestVerifier.verify(body, history);
        while (!isTrusted(verification)) {
            learn();
            verification = ManifestVerifier.verify(body, history);
            // Once something is wrong, waiting for every further read mends nothing.
            if (isTrusted(verification) || !wrong.isEmpty() || System.nanoTime() - begun > PATIENCE.toNanos()) {
                return verification;
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
        return verification;
    }

    private static boolean isTrusted(Verification verification) {
        return verification.signatures().stream().allMatch(SignatureCheck::trusted);
    }

    private void learn() {
        String set = jwks.get();
        if (set.contains("kid")) {
            try {
                KeyFiles.parsePublic(set, "jwks").forEach(key -> history.add(key.getKeyID()));
            } catch (KeyException e) {
                wrong.add("The published keys cannot be read: " + e.getMessage());
            }
        }
    }

    /** Key ids. */
    static Set<String> signers(Verification verification) {
        return verification.signatures().stream()
                .map(check -> String.valueOf(check.keyId()))
                .collect(Collectors.toSet());
    }

    private static int move(byte[] body) {
        Matcher matcher = MOVE.matcher(new String(body, StandardCharsets.UTF_8));
        return matcher.find() ? Integer.parseInt(matcher.group(1)) : -1;
    }
}
