package dev.precast.converter.topology;

import dev.precast.converter.jws.SigningKey;
import dev.precast.converter.keys.HeldKeys;
import dev.precast.schemas.role.Health;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What the keys mean for a converter that runs. Pure. */
final class SigningHealth {
    private SigningHealth() {}

    static Health of(Signers signers, HeldKeys held) {
        String faults = held.faults().stream().map(fault -> " " + fault).collect(Collectors.joining());
        if (signers.wanted().equals(BuiltWith.EPHEMERAL)) {
            return Health.ready(
                    "converting; signing with a key for this run only, `precast keys generate` makes a lasting one"
                            + faults);
        }
        if (signers.areAbsent()) {
            return Health.notReady("cannot sign: " + names(signers.missing())
                    + " not among the key files of this converter. What is published stays as it is. Put the file there, or"
                    + " choose another key with `precast keys rotate`." + faults);
        }
        String signing = "converting; signing with "
                + signers.keys().stream().map(SigningKey::keyId).collect(Collectors.joining(", "));
        if (signers.missing().isEmpty()) {
            return Health.ready(signing + faults);
        }
        return Health.ready(signing + ", without " + names(signers.missing())
                + " not among the key files of this converter. Put the file there." + faults);
    }

    private static String names(Set<String> keyIds) {
        if (keyIds.isEmpty()) {
            return "no key is active yet, and the held ones are";
        }
        return "the key" + (keyIds.size() == 1 ? " " : "s ") + String.join(", ", new TreeSet<>(keyIds))
                + (keyIds.size() == 1 ? " is" : " are");
    }
}
