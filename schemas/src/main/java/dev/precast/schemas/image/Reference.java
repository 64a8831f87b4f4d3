package dev.precast.schemas.image;

import java.util.Optional;

/**
 * A repository and a tag in it, without host: {@code library/hello:v1}.
 *
 * <p>Grammar: distribution-spec v1.1 "Pulling manifests" and distribution {@code reference/reference.go} at v2.8.3; a name has
 * at most 255 characters, a tag at most 128.
 */
public record Reference(String repository, String tag) {
    private static final int MAX_NAME = 255;
    private static final int MAX_TAG = 128;

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
        int length = text.length();
        if (length == 0 || length > MAX_NAME) {
            return false;
        }
        int i = 0;
        while (i < length) {
            int start = i;
            while (i < length && isAlphanumeric(text.charAt(i))) {
                i++;
            }
            if (i == start) {
                return false; // Every component, and every part between separators, has at least one.
            }
            if (i < length) {
                i = afterSeparator(text, i);
                if (i < 0 || i == length) {
                    return false;
                }
            }
        }
        return true;
    }

    public static boolean isTag(String text) {
        int length = text.length();
        if (length == 0 || length > MAX_TAG || text.charAt(0) == '.' || text.charAt(0) == '-') {
            return false;
        }
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (!isAlphanumeric(c) && !(c >= 'A' && c <= 'Z') && c != '_' && c != '.' && c != '-') {
                return false;
            }
        }
        return true;
    }

    /** One slash, one dot, one or two underscores, or any number of dashes; below zero for anything else. */
    private static int afterSeparator(String text, int start) {
        int i = start + 1;
        switch (text.charAt(start)) {
            case '/', '.' -> {
                return i;
            }
            case '_' -> {
                return i < text.length() && text.charAt(i) == '_' ? i + 1 : i;
            }
            case '-' -> {
                while (i < text.length() && text.charAt(i) == '-') {
                    i++;
                }
                return i;
            }
            default -> {
                return -1;
            }
        }
    }

    private static boolean isAlphanumeric(char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    }

    @Override
    public String toString() {
        return repository + ":" + tag;
    }
}
