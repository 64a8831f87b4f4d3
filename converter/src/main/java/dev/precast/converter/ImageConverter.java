package dev.precast.converter;

import dev.precast.converter.platform.PlatformSelector;
import dev.precast.schemas.record.ImageRecord;
import dev.precast.schemas.record.RepositorySettings;

/**
 * The pure conversion: from the stored bytes of a tag to every older format of it. No I/O, no clock, no randomness; the same
 * record and settings give the same bytes. Thread-safe.
 *
 * <table>
 * <caption>What is made of what</caption>
 * <tr><th>stored</th><th>offered</th></tr>
 * <tr><td>schema 1</td><td>itself</td></tr>
 * <tr><td>schema 2</td><td>schema 1</td></tr>
 * <tr><td>manifest list</td><td>the chosen child as schema 2 and as schema 1</td></tr>
 * <tr><td>OCI manifest</td><td>schema 2, schema 1</td></tr>
 * <tr><td>OCI index</td><td>manifest list, the chosen child as schema 2 and as schema 1</td></tr>
 * </table>
 *
 * <p>Stored schema 2 is offered untouched, wherever it stands. A chosen child that is schema 1 itself is returned as is, and then
 * there is no schema 2 form, neither offered nor refused.
 *
 * <p>A manifest list has the children of the index in its order, without those that {@link PlatformSelector} passes over, that
 * the registry does not hold, or whose layers are refused: clients of other platforms need not go without because one child is
 * compressed with zstd. When none is left, the list is refused with the first child's reason. The schema 2 form needs no config
 * bytes, so it is offered even where schema 1 is refused for what the config says.
 *
 * <p>A list or index without a suitable image is {@code NO_SUITABLE_PLATFORM}; one of artifacts only is {@code NOT_AN_IMAGE}.
 */
public final class ImageConverter {
    private ImageConverter() {}

    /**
     * Converts {@code image}. Whether the repository wants conversion at all ({@code schema_conversion}) is not looked at, only
     * the platforms are. Bad input of any kind ends in refusals, never in an exception.
     */
    public static Conversion convert(ImageRecord image, RepositorySettings settings) {
        return new ImageConversion(image, settings.platformOrder()).convert();
    }
}
