package dev.precast.ingest.registry;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/** The {@code Retry-After} header (RFC 9110 §10.2.3): seconds, or a date. */
final class RetryAfter {
    /** A registry that asks for more is asked again after this all the same. */
    private static final Duration MOST = Duration.ofMinutes(10);

    private RetryAfter() {}

    /** Empty when the answer has none. */
    static Optional<Duration> of(Reply response, Clock clock) {
        return response.headers().firstValue("Retry-After").flatMap(text -> parse(text, clock.instant()));
    }

    /** Empty for what is neither; never negative, at most ten minutes. */
    static Optional<Duration> parse(String header, Instant now) {
        String text = header.strip();
        try {
            Duration wait = text.matches("[0-9]{1,9}")
                    ? Duration.ofSeconds(Long.parseLong(text))
                    : Duration.between(
                            now,
                            ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME)
                                    .toInstant());
            return Optional.of(wait.isNegative() ? Duration.ZERO : wait.compareTo(MOST) > 0 ? MOST : wait);
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }
}
