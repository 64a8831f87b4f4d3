package dev.precast.serving.upstream;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One challenge of a {@code WWW-Authenticate} line (RFC 9110 §11.6.1), of the two kinds that registries send.
 *
 * @param bearer Bearer instead of Basic
 * @param parameters names in lower case
 */
record Challenge(boolean bearer, Map<String, String> parameters) {
    private static final int MAX_LENGTH = 4096;
    private static final Pattern SCHEME = Pattern.compile("\\s*(basic|bearer)(\\s.*)?", Pattern.CASE_INSENSITIVE);
    private static final Pattern PARAMETER = Pattern.compile("([A-Za-z_]+)=(?:\"([^\"\\\\]*)\"|([^\\s,\"]+))");

    Challenge {
        parameters = Map.copyOf(parameters);
    }

    /** Empty for a challenge that nobody here can answer. */
    static Optional<Challenge> parse(String line) {
        Matcher scheme = SCHEME.matcher(line);
        if (line.length() > MAX_LENGTH || !scheme.matches()) {
            return Optional.empty();
        }
        Map<String, String> parameters = new LinkedHashMap<>();
        String rest = scheme.group(2) == null ? "" : scheme.group(2);
        Matcher parameter = PARAMETER.matcher(rest);
        while (parameter.find()) {
            String value = parameter.group(2) == null ? parameter.group(3) : parameter.group(2);
            parameters.putIfAbsent(parameter.group(1).toLowerCase(Locale.ROOT), value);
        }
        return Optional.of(new Challenge(scheme.group(1).equalsIgnoreCase("bearer"), parameters));
    }

    String parameter(String name) {
        return parameters.getOrDefault(name, "");
    }
}
