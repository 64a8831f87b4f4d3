package dev.precast.serving.leaks;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Somebody who asks.
 *
 * @param authorization absent when it is nobody
 * @param groups of repositories that it may read
 */
record Caller(String name, @Nullable String authorization, Set<String> groups) {
    boolean mayRead(String group) {
        return groups.contains(group);
    }

    @Override
    public String toString() {
        return name;
    }
}
