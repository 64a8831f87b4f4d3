package dev.precast.ingest.registry;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One challenge of a {@code WWW-Authenticate} header (RFC 9110 §11.6.1), as registries send it.
 *
 * @param scheme lower case: {@code basic} or {@code bearer}
 * @param parameters names lower case; of a Bearer challenge: realm, service, scope
 */
record Challenge(String scheme, Map<String, String> parameters) {
    private static final Pattern HEADER = Pattern.compile("\\s*([A-Za-z]+)(?:\\s+(.*))?");
    /** The string is matched possessively: otherwise Java takes some stack for each of its characters. */
    private static final Pattern PARAMETER =
            Pattern.compile("([A-Za-z_-]+)\\s*=\\s*(?:\"((?:[^\"\\\\]|\\\\.)*+)\"|([^\\s,\"]+))");

    Challenge {
        parameters = Map.copyOf(parameters);
    }

    static Optional<Challenge> parse(String header) {
        Matcher matcher = HEADER.matcher(header);
        if (header.length() > 8192 || !matcher.matches()) {
            return Optional.empty();
        }
        Map<String, String> parameters = new LinkedHashMap<>();
        Matcher parameter = PARAMETER.matcher(matcher.group(2) == null ? "" : matcher.group(2));
        while (parameter.find()) {
            String value = parameter.group(2) == null
                    ? parameter.group(3)
                    : parameter.group(2).replaceAll("\\\\(.)", "$1");
            parameters.putIfAbsent(parameter.group(1).toLowerCase(Locale.ROOT), value);
        }
        return Optional.of(new Challenge(matcher.group(1).toLowerCase(Locale.ROOT), parameters));
    }
}
