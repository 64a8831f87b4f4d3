package dev.precast.ingest.known;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.Reference;
import dev.precast.schemas.kafka.TopicCatalogue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntPredicate;

/**
 * The tags of the partitions that this process resolves: about 250 bytes each, so 25 MB for 100,000, shared among the processes
 * of the group. Read from the image table when a partition is assigned, kept up by the writer. Thread-safe.
 */
public final class KnownTags {
    private record Repository(int partition, Map<String, KnownTag> tags) {}

    private final int partitions;
    private final Map<String, Repository> repositories = new HashMap<>();
    private final int[] sizes;

    /** @param partitions of the hints */
    public KnownTags(int partitions) {
        this.partitions = partitions;
        this.sizes = new int[partitions];
    }

    public synchronized Optional<KnownTag> find(Reference tag) {
        Repository repository = repositories.get(tag.repository());
        return repository == null ? Optional.empty() : Optional.ofNullable(repository.tags.get(tag.tag()));
    }

    public synchronized void put(Reference tag, KnownTag known) {
        Repository repository = repositories.computeIfAbsent(
                tag.repository(), name -> new Repository(partition(name), new HashMap<>()));
        KnownTag before = repository.tags.get(tag.tag());
        repository.tags.put(tag.tag(), before == null ? known : known.after(before));
        sizes[repository.partition] += before == null ? 1 : 0;
    }

    /** Nobody knows which record the table has. */
    public synchronized void doubt(Reference tag) {
        put(tag, find(tag).map(KnownTag::unsure).orElse(KnownTag.UNKNOWN));
    }

    public synchronized void remove(Reference tag) {
        Repository repository = repositories.get(tag.repository());
        if (repository != null && repository.tags.remove(tag.tag()) != null) {
            sizes[repository.partition]--;
            if (repository.tags.isEmpty()) {
                repositories.remove(tag.repository());
            }
        }
    }

    public synchronized boolean knows(String repository) {
        return repositories.containsKey(repository);
    }

    /** The repository's tags, in no order. */
    public synchronized Set<String> tagsOf(String repository) {
        Repository found = repositories.get(repository);
        return found == null ? Set.of() : Set.copyOf(found.tags.keySet());
    }

    /** Those of the repository's tags that {@linkplain KnownTag#mentions mention} the digest, in no order. */
    public synchronized List<String> tagsOf(String repository, Digest digest) {
        List<String> tags = new ArrayList<>();
        Repository found = repositories.get(repository);
        if (found != null) {
            found.tags.forEach((tag, known) -> {
                if (known.mentions(digest)) {
                    tags.add(tag);
                }
            });
        }
        return tags;
    }

    public synchronized Set<String> repositories(IntPredicate partition) {
        Set<String> names = new TreeSet<>();
        repositories.forEach((name, repository) -> {
            if (partition.test(repository.partition)) {
                names.add(name);
            }
        });
        return names;
    }

    public synchronized int size() {
        return Arrays.stream(sizes).sum();
    }

    public synchronized int size(int partition) {
        return sizes[partition];
    }

    /** Of the hints. */
    int partitions() {
        return partitions;
    }

    /** The partition of the hints that a repository belongs to. */
    public int partition(String repository) {
        return TopicCatalogue.partition(repository, partitions);
    }

    /** Forgets partitions: another process may write their tags from now on. */
    public synchronized void forget(IntPredicate partition) {
        repositories.values().removeIf(repository -> partition.test(repository.partition));
        Arrays.setAll(sizes, i -> partition.test(i) ? 0 : sizes[i]);
    }
}
