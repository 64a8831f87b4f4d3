package dev.precast.converter.topology;

import dev.precast.converter.jws.SigningKey;
import java.util.List;

/** The desired state of every repository: settings and keys. Thread-safe. */
final class DesiredState {
    private final SettingsTable settings;
    private final List<SigningKey> keys;
    private final boolean ephemeral;

    DesiredState(SettingsTable settings, List<SigningKey> keys, boolean ephemeral) {
        this.settings = settings;
        this.keys = List.copyOf(keys);
        this.ephemeral = ephemeral;
    }

    Desired of(String repository) {
        return new Desired(settings.snapshot().inForce(repository), keys, ephemeral);
    }

    /** Grows when anything changes; cheap to ask. */
    long generation() {
        return settings.snapshot().generation();
    }

    /** Equal for equal settings and keys, also across restarts. */
    String fingerprint() {
        return Desired.keysAndRevision(keys, ephemeral) + " "
                + settings.snapshot().fingerprint();
    }
}
