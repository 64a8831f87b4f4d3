package dev.precast.converter;

import dev.precast.schemas.record.ImageRecord;
import dev.precast.schemas.record.RepositorySettings;

/**
 * The pure conversion: from the stored bytes of a tag to every older format of it. No I/O, no clock, no randomness; the same
 * record and settings give the same bytes. Thread-safe.
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
