package dev.precast.schemas.json;

import dev.precast.schemas.error.RefusalReason;
import dev.precast.schemas.error.RefusedException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The few members of an object that are interpreted, among others that are not. Each may be there once, under exactly its own
 * name: Go takes the last of several and matches names without regard to case, other readers do not. Immutable.
 */
public final class InterpretedFields {
    private final String what;
    private final RefusalReason malformed;
    private final Map<String, RawJson> values;

    private InterpretedFields(String what, RefusalReason malformed, Map<String, RawJson> values) {
        this.what = what;
        this.malformed = malformed;
        this.values = values;
    }

    /** Names that are interpreted, made ready to be looked for. Immutable. */
    public static final class Names {
        private final Map<String, String> byFolded = new HashMap<>();

        private Names() {}

        public static Names of(String... names) {
            Names known = new Names();
            for (String name : names) {
                known.byFolded.put(StrictJson.fold(name), name);
            }
            return known;
        }
    }

    /**
     * Picks the {@code known} names out of {@code members}.
     *
     * @param what names the object in messages
     * @param malformed the reason for values of the wrong type
     * @throws RefusedException {@code AMBIGUOUS_JSON} when one is there twice or folds onto a known name
     */
    public static InterpretedFields of(List<RawJson.Member> members, Names known, String what, RefusalReason malformed)
            throws RefusedException {
        Map<String, RawJson> values = new HashMap<>();
        for (RawJson.Member member : members) {
            String name = known.byFolded.get(StrictJson.fold(member.key()));
            if (name == null) {
                continue;
            }
            if (!name.equals(member.key())) {
                throw new RefusedException(
                        RefusalReason.AMBIGUOUS_JSON,
                        "The " + what + " has the key \"" + member.key() + "\", which some readers take for \"" + name
                                + "\".");
            }
            if (values.put(name, member.value()) != null) {
                throw new RefusedException(
                        RefusalReason.AMBIGUOUS_JSON,
                        "The " + what + " has the key \"" + name + "\" more than once, expected it once.");
            }
        }
        return new InterpretedFields(what, malformed, values);
    }

    /** The value, unless it is missing or null: Go reads null as absent. */
    public Optional<RawJson> value(String name) {
        RawJson value = values.get(name);
        return value == null || value.kind() == RawJson.Kind.NULL ? Optional.empty() : Optional.of(value);
    }

    /** The value of this kind; empty when missing or null. */
    public Optional<RawJson> value(String name, RawJson.Kind kind) throws RefusedException {
        Optional<RawJson> value = value(name);
        if (value.isPresent() && value.get().kind() != kind) {
            throw new RefusedException(
                    malformed,
                    "The " + what + " has \"" + name + "\" of the kind "
                            + value.get().kind() + ", expected " + kind + ".");
        }
        return value;
    }

    /** The decoded string; empty text when missing or null. */
    public String string(String name) throws RefusedException {
        return value(name, RawJson.Kind.STRING).map(RawJson::string).orElse("");
    }

    /** The elements; none when missing or null. */
    public List<RawJson> elements(String name) throws RefusedException {
        return value(name, RawJson.Kind.ARRAY).map(RawJson::elements).orElse(List.of());
    }

    /** Whether it is {@code true}; false when missing or null. */
    public boolean isTrue(String name) throws RefusedException {
        return value(name, RawJson.Kind.BOOLEAN)
                .filter(value -> value.text().equals("true"))
                .isPresent();
    }
}
