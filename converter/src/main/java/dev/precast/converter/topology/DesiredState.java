package dev.precast.converter.topology;

import dev.precast.converter.jws.SigningKey;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.record.WalkReport.Position;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The desired state of every repository: settings, keys, and what is to be built anew. Thread-safe. */
final class DesiredState {
    private final SettingsTable settings;
    private final KeyTable keys;
    private final RequestTable requests;
    private final Supplier<SigningKey> ephemeral;
    private volatile @Nullable Moment last;

    /** @param ephemeral gives the key that signs when nobody has any other, always the same; asked only then */
    DesiredState(SettingsTable settings, KeyTable keys, RequestTable requests, Supplier<SigningKey> ephemeral) {
        this.settings = settings;
        this.keys = keys;
        this.requests = requests;
        this.ephemeral = ephemeral;
    }

    /**
     * The desired state at one moment. Immutable.
     *
     * @param fingerprint equal for equal settings, keys at hand and requests, also across restarts
     */
    record Moment(
            SettingsTable.Snapshot settings,
            KeyTable.Snapshot keys,
            RequestTable.Snapshot requests,
            Signers signers,
            String fingerprint) {
        Desired of(String repository) {
            return new Desired(settings.inForce(repository), signers, requests.newest(repository));
        }

        Position position() {
            return new Position(settings.offset(), keys.offset(), requests.offset());
        }
    }

    /** The same object as long as nothing changes, so that it can be compared by identity. Cheap to ask. */
    @SuppressWarnings("ReferenceEquality") // A snapshot is replaced when its table changes, and only then.
    Moment at(Instant now) {
        SettingsTable.Snapshot settingsNow = settings.snapshot();
        KeyTable.Snapshot keysNow = keys.snapshot();
        RequestTable.Snapshot requestsNow = requests.snapshot();
        Moment known = last;
        boolean sameTables = known != null
                && known.settings() == settingsNow
                && known.keys() == keysNow
                && known.requests() == requestsNow;
        // An overlap ends by time alone.
        if (known != null && sameTables && !overlapEnded(known, now)) {
            return known;
        }
        Signers signers = Signers.of(keysNow.ring(), keysNow.held(), now, ephemeral);
        Moment fresh =
                new Moment(settingsNow, keysNow, requestsNow, signers, fingerprint(settingsNow, requestsNow, signers));
        last = fresh;
        return fresh;
    }

    private static boolean overlapEnded(Moment known, Instant now) {
        return known.keys().ring().keys().stream()
                .anyMatch(key ->
                        key.until() != null && known.signers().wanted().contains(key.keyId()) && !key.signs(now));
    }

    private static String fingerprint(
            SettingsTable.Snapshot settings, RequestTable.Snapshot requests, Signers signers) {
        String text = "revision=" + Desired.CONVERTER_REVISION + " keys=" + new TreeSet<>(signers.wanted())
                + " missing="
                + new TreeSet<>(signers.missing()) + " retired=" + new TreeSet<>(signers.retired()) + " requests="
                + requests.fingerprint() + " " + settings.fingerprint();
        return Digest.sha256(text.getBytes(StandardCharsets.UTF_8)).hex();
    }
}
