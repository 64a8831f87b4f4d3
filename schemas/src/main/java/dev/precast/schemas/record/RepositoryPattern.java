package dev.precast.schemas.record;

import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A repository pattern: {@code *} stands for any run of characters, slashes included; everything else for itself.
 *
 * @param text as the operator wrote it
 */
public record RepositoryPattern(String text) {
    private static final Pattern ALLOWED = Pattern.compile("[a-z0-9._/*-]{1,255}");

    /** Most literal characters first, then fewest stars, then by text: a total order, the most specific first. */
    public static final Comparator<RepositoryPattern> MOST_SPECIFIC_FIRST = Comparator.comparingLong(
                    RepositoryPattern::literals)
            .reversed()
            .thenComparingLong(RepositoryPattern::stars)
            .thenComparing(RepositoryPattern::text);

    public RepositoryPattern {
        if (!ALLOWED.matcher(text).matches()) {
            throw new IllegalArgumentException(
                    "Not a repository pattern: found \"" + text
                            + "\", expected a repository name in which * stands for any run of characters, for example library/*.");
        }
    }

    /** The pattern that {@code text} is, or empty. */
    public static Optional<RepositoryPattern> tryParse(String text) {
        return ALLOWED.matcher(text).matches() ? Optional.of(new RepositoryPattern(text)) : Optional.empty();
    }

    public boolean matches(String repository) {
        // Greedy two-pointer glob: linear for one star, never exponential.
        int p = 0;
        int r = 0;
        int star = -1;
        int mark = 0;
        while (r < repository.length()) {
            if (p < text.length() && text.charAt(p) == '*') {
                star = p++;
                mark = r;
            } else if (p < text.length() && text.charAt(p) == repository.charAt(r)) {
                p++;
                r++;
            } else if (star >= 0) {
                p = star + 1;
                r = ++mark;
            } else {
                return false;
            }
        }
        while (p < text.length() && text.charAt(p) == '*') {
            p++;
        }
        return p == text.length();
    }

    /** The most specific pattern of {@code settings} that matches, and its settings; keys that are no patterns match nothing. */
    public static Optional<Map.Entry<String, RepositorySettings>> mostSpecific(
            Map<String, RepositorySettings> settings, String repository) {
        return settings.keySet().stream()
                .map(RepositoryPattern::tryParse)
                .flatMap(Optional::stream)
                .filter(pattern -> pattern.matches(repository))
                .min(MOST_SPECIFIC_FIRST)
                .flatMap(pattern -> settings.entrySet().stream()
                        .filter(entry -> entry.getKey().equals(pattern.text()))
                        .findFirst());
    }

    /** The settings in force for {@code repository}; {@link RepositorySettings#OFF} when no pattern matches. */
    public static RepositorySettings inForce(Map<String, RepositorySettings> settings, String repository) {
        return mostSpecific(settings, repository).map(Map.Entry::getValue).orElse(RepositorySettings.OFF);
    }

    private long stars() {
        return text.chars().filter(c -> c == '*').count();
    }

    private long literals() {
        return text.length() - stars();
    }
}
