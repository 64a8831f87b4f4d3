package dev.precast.launcher.command;

import dev.precast.schemas.record.KeyRing;
import dev.precast.schemas.record.KeyState;
import dev.precast.schemas.record.SigningKeyRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Which states follow from what an operator asks for. Pure. */
final class KeyChoice {
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

    /** What to write so that {@code next} signs, and beside it, for a while, whoever signed so far. In this order. */
    static List<SigningKeyRecord> rotation(KeyRing ring, SigningKeyRecord next, Instant now, Duration overlap)
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
        Instant until = overlap.isZero() ? null : now.plus(overlap);
        for (SigningKeyRecord active : ring.in(KeyState.ACTIVE)) {
            if (!active.keyId().equals(next.keyId())) {
                states.add(with(active, KeyState.PREVIOUS, now, until));
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
