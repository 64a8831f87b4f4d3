package dev.precast.launcher.layout;

import dev.precast.schemas.image.Digest;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/**
 * The {@link Closure}s of a layout's repositories, each walked when it is asked for, and again when the index has changed. What a
 * repository had before stays for as long as there is the repository, as in any registry: somebody may be in the middle of
 * pulling it. Thread-safe.
 */
final class Closures {
    private final OciLayout layout;
    private final Map<String, Known> known = new HashMap<>();

    private record Known(LayoutIndex index, Closure closure) {}

    Closures(OciLayout layout) {
        this.layout = layout;
    }

    /**
     * What the repository has; empty for one that there is not.
     *
     * @param wanted one that could not be read before may be there by now, and is looked for again
     */
    @SuppressWarnings("ReferenceEquality") // Another object says that the file was read again.
    synchronized Closure of(String repository, Digest wanted) throws IOException {
        LayoutIndex index = layout.index();
        Known before = known.get(repository);
        if (before != null
                && before.index() == index
                && (before.closure().whole() || before.closure().has(wanted))) {
            return before.closure();
        }
        Closure fresh = Closure.of(index.entriesOf(repository), layout);
        if (fresh.manifests().isEmpty()) {
            known.remove(repository); // Names that there are not are as many as anyone likes.
            return fresh;
        }
        Closure all = before == null ? fresh : fresh.and(before.closure());
        known.put(repository, new Known(index, all));
        return all;
    }
}
