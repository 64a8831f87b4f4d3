package dev.precast.converter.topology;

import java.util.Set;
import java.util.TreeSet;

/**
 * Which tags of a repository offer a manifest, now or in one of their kept builds. Key {@code repository@digest}. The manifest
 * goes when nobody owns it.
 *
 * @param tags in order
 */
record Owners(Set<String> tags) {
    Owners {
        tags = new TreeSet<>(tags);
    }

    Owners with(String tag) {
        Set<String> more = new TreeSet<>(tags);
        more.add(tag);
        return new Owners(more);
    }

    Owners without(String tag) {
        Set<String> fewer = new TreeSet<>(tags);
        fewer.remove(tag);
        return new Owners(fewer);
    }
}
