package dev.precast.schemas.config;

import org.apache.kafka.common.config.ConfigException;

/**
 * An address to bind.
 *
 * @param port 0 to 65535; 0 takes a free one
 */
public record ListenAddress(String host, int port) {
    /**
     * Reads {@code host:port}.
     *
     * @param key named in the message when {@code text} has another form
     * @throws ConfigException if it has
     */
    public static ListenAddress parse(String key, String text) {
        int colon = text.lastIndexOf(':');
        String digits = text.substring(colon + 1);
        if (colon >= 1 && digits.matches("\\d{1,5}") && Integer.parseInt(digits) <= 65_535) {
            return new ListenAddress(text.substring(0, colon), Integer.parseInt(digits));
        }
        throw new ConfigException(key, text, "expected host:port, for example 127.0.0.1:5080");
    }

    @Override
    public String toString() {
        return host + ":" + port;
    }
}
