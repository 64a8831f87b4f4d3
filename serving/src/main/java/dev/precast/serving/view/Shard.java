package dev.precast.serving.view;

import dev.precast.schemas.kafka.TopicCatalogue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The part of all repositories that one view holds: those of every {@code count}-th partition of {@code precast-variants}, so that
 * a serving node reads and keeps no others. Immutable.
 *
 * @param number from 1 to {@code count}
 */
public record Shard(int number, int count) {
    /** Everything. */
    public static final Shard WHOLE = new Shard(1, 1);

    private static final Pattern FORM = Pattern.compile("([1-9][0-9]{0,4})/([1-9][0-9]{0,4})");

    /** @throws IllegalArgumentException if there is no such part */
    public Shard {
        if (number < 1 || number > count) {
            throw new IllegalArgumentException(
                    "Not a shard: found " + number + "/" + count + ", expected for example 2/8.");
        }
    }

    /** @throws IllegalArgumentException if {@code text} is not of the form {@code 2/8} */
    public static Shard parse(String text) {
        Matcher parts = FORM.matcher(text);
        if (!parts.matches()) {
            throw new IllegalArgumentException("Not a shard: found \"" + text + "\", expected for example 2/8.");
        }
        return new Shard(Integer.parseInt(parts.group(1)), Integer.parseInt(parts.group(2)));
    }

    public boolean holds(int partition) {
        return partition % count == number - 1;
    }

    /** @param partitions of {@code precast-variants} */
    public boolean holds(String repository, int partitions) {
        return holds(TopicCatalogue.partition(repository, partitions));
    }

    /** The shard that holds the repository. */
    public Shard of(String repository, int partitions) {
        return new Shard(TopicCatalogue.partition(repository, partitions) % count + 1, count);
    }

    @Override
    public String toString() {
        return number + "/" + count;
    }
}
