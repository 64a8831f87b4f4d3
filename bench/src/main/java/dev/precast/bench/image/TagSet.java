package dev.precast.bench.image;

import dev.precast.schemas.record.ImageRecord;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Tags in many repositories, a hundred each.
 *
 * @param family first component of the repositories' names
 * @param images what each tag points to, by its number
 * @param count of tags
 */
public record TagSet(String family, IntFunction<SizedImage> images, int count) {
    private static final int PER_REPOSITORY = 100;

    /** All of one image. */
    public TagSet(String family, SizedImage image, int count) {
        this(family, number -> image, count);
    }

    public SizedImage image(int number) {
        return images.apply(number);
    }

    public String repository(int number) {
        return family + "/r" + number / PER_REPOSITORY;
    }

    public String tag(int number) {
        return "t" + number % PER_REPOSITORY;
    }

    public Stream<ImageRecord> records(long version) {
        return IntStream.range(0, count).mapToObj(i -> image(i).record(repository(i), tag(i), version));
    }

    /** Where a registry serves the tags. */
    public List<String> paths() {
        return IntStream.range(0, count)
                .mapToObj(i -> "/v2/" + repository(i) + "/manifests/" + tag(i))
                .toList();
    }
}
