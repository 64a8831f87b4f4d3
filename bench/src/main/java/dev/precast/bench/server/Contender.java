package dev.precast.bench.server;

import dev.precast.bench.tool.ProcessUsage;
import java.net.URI;
import java.util.List;

/**
 * One of those that are measured side by side.
 *
 * @param paths to ask for
 * @param usage of the processes that answer, and of no others
 */
public record Contender(String name, URI uri, List<String> paths, ProcessUsage usage) {
    public Contender {
        paths = List.copyOf(paths);
    }
}
