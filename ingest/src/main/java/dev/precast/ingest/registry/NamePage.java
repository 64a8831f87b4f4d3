package dev.precast.ingest.registry;

import java.net.URI;
import java.util.List;
import java.util.Optional;

/**
 * One page of a list.
 *
 * @param names as the registry sent them, apart from those that are no names: perhaps unsorted, twice, or seen on another page
 * @param next the next page, at the registry; absent on the last
 */
record NamePage(List<String> names, Optional<URI> next) {
    NamePage {
        names = List.copyOf(names);
    }
}
