package dev.precast.launcher.command;

import dev.precast.schemas.record.KeyRing;
import dev.precast.schemas.record.KeyState;
import dev.precast.schemas.record.SigningKeyRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Which states follow from what an operator asks for. Pure. */
final class KeyChoice {
    /** How long both sign unless it is said. */
    static final Duration OVERLAP = Duration.ofHours(24);

    private KeyChoice() {}

    /**
     * The key that is meant.
     *
     * @param text a key id, or its beginning
     * @throws CommandException if none or several are
     */
    static SigningKeyRecord named(KeyRing ring, String text) throws CommandException {
        String wanted = text.toUpperCase(Locale.ROOT);
        List<SigningKeyRecord> found = ring.keys().stream()
                .filter(key -> key.keyId().startsWith(wanted))
                .toList();
        if (found.size() != 1) {
            throw new CommandException(
                    "Cannot choose the key " + text + ": "
                            + (found.isEmpty() ? "no converter knows it" : found.size() + " keys begin so")
                            + ", expected one key. `precast keys list` shows them; a key file must lie in a converter's key directory.");
        }
        return found.get(0);
    }

    /** The one key that waits to be used. */
    static SigningKeyRecord available(KeyRing ring) throws CommandException {
        List<SigningKeyRecord> found = ring.in(KeyState.AVAILABLE);
        if (found.size() != 1) {
            throw new CommandException("Cannot rotate: found " + (found.isEmpty() ? "no key" : found.size() + " keys")
                    + " that could follow, expected one. "
                    + (found.isEmpty()
                            ? "Make one with `precast keys generate`, or put its file into the converters' key directory."
                            : "Say which with --to KEYID; `precast keys list` shows them."));
        }
        return found.get(0);
    }

    /**
     * What to write so that {@code next} signs, and beside it, for a while, whoever signed so far. In this order.
     *
     * @param overlap absent when none was asked for: {@link #OVERLAP} then, and earlier overlaps go on as they were; else no other
     *     key signs for longer than that
     */
    static List<SigningKeyRecord> rotation(KeyRing ring, SigningKeyRecord next, Instant now, @Nullable Duration overlap)
            throws CommandException {
        if (next.state() == KeyState.RETIRED) {
            throw new CommandException("Cannot rotate to " + next.keyId() + ": found it retired since " + next.since()
                    + ", expected a key that was not. Make another with `precast keys generate`.");
        }
        List<SigningKeyRecord> states = new ArrayList<>();
        if (next.state() != KeyState.ACTIVE) {
            // First: in between, both sign; the other way round nobody would.
            states.add(with(next, KeyState.ACTIVE, now, null));
        }
        Duration asked = overlap == null ? OVERLAP : overlap;
        Instant until = asked.isZero() ? null : now.plus(asked);
        for (SigningKeyRecord active : ring.in(KeyState.ACTIVE)) {
            if (!active.keyId().equals(next.keyId())) {
                states.add(with(active, KeyState.PREVIOUS, now, until));
            }
        }
        for (SigningKeyRecord previous : ring.in(KeyState.PREVIOUS)) {
            boolean signsLonger =
                    previous.signs(now.plus(asked)) && !previous.keyId().equals(next.keyId());
            if (overlap != null && signsLonger && !Objects.equals(previous.until(), until)) {
                states.add(with(previous, KeyState.PREVIOUS, previous.since(), until));
            }
        }
        return states;
    }

    /**
     * What to write when others have become active meanwhile: those that are so for longer than {@code next} are so no more. Of
     * two rotations at once the later one holds, and one key always stays.
     */
    static List<SigningKeyRecord> surplus(KeyRing ring, String next, Instant now, @Nullable Duration overlap)
            throws CommandException {
        Optional<SigningKeyRecord> ours = ring.find(next).filter(key -> key.state() == KeyState.ACTIVE);
        if (ours.isEmpty()) {
            return List.of();
        }
        List<SigningKeyRecord> states = new ArrayList<>();
        for (SigningKeyRecord state : rotation(ring, ours.get(), now, overlap)) {
            Optional<SigningKeyRecord> before = ring.find(state.keyId());
            if (before.isPresent() && before.get().since().isBefore(ours.get().since())) {
                states.add(state);
            }
        }
        return states;
    }

    /** What to write so that {@code key} never signs again. */
    static List<SigningKeyRecord> retirement(KeyRing ring, SigningKeyRecord key, Instant now) throws CommandException {
        if (key.state() == KeyState.RETIRED) {
            return List.of();
        }
        if (key.state() == KeyState.ACTIVE && ring.in(KeyState.ACTIVE).size() == 1) {
            throw new CommandException("Cannot retire " + key.keyId()
                    + ": it is the only active key, and something must sign. First make another one active with"
                    + " `precast keys rotate`.");
        }
        return List.of(with(key, KeyState.RETIRED, now, null));
    }

    private static SigningKeyRecord with(SigningKeyRecord key, KeyState state, Instant since, @Nullable Instant until) {
        return new SigningKeyRecord(key.keyId(), key.jwk(), state, since, until);
    }
}
