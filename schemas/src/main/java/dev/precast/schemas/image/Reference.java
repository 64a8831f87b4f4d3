package dev.precast.schemas.image;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A repository and a tag in it, without host: {@code library/hello:v1}.
 *
 * <p>Grammar: distribution-spec v1.1 "Pulling manifests" and distribution {@code reference/reference.go} at v2.8.3; a name has
 * at most 255 characters, a tag at most 128.
 */
public record Reference(String repository, String tag) {
    private static final int MAX_NAME = 255;
    private static final Pattern NAME =
            Pattern.compile("[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*)*");
    private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}");

    public Reference {
        if (!isRepository(repository)) {
            throw new IllegalArgumentException("Not a repository name: found \"" + repository
                    + "\", expected lower-case path components such as library/hello.");
        }
        if (!isTag(tag)) {
            throw new IllegalArgumentException(
                    "Not a tag: found \"" + tag
                            + "\", expected up to 128 letters, digits, underscores, dots and dashes, the first no dot or dash.");
        }
    }

    /** @throws IllegalArgumentException if {@code text} is not {@code repository:tag} */
    public static Reference parse(String text) {
        return tryParse(text)
                .orElseThrow(() -> new IllegalArgumentException(
                        "Cannot read \"" + text + "\": expected REPOSITORY:TAG, for example library/hello:v1."));
    }

    public static Optional<Reference> tryParse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 0) {
            return Optional.empty();
        }
        String repository = text.substring(0, colon);
        String tag = text.substring(colon + 1);
        return isRepository(repository) && isTag(tag) ? Optional.of(new Reference(repository, tag)) : Optional.empty();
    }

    public static boolean isRepository(String text) {
        return text.length() <= MAX_NAME && NAME.matcher(text).matches();
    }

    public static boolean isTag(String text) {
        return TAG.matcher(text).matches();
    }

    @Override
    public String toString() {
        return repository + ":" + tag;
    }
}
