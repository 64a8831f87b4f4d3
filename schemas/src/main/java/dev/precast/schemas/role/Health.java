package dev.precast.schemas.role;

/**
 * Health as a value.
 *
 * @param live false when only a restart helps: a thread died that the role cannot do without
 * @param ready whether it does its work now, or can answer now
 * @param detail one line for people: what it does, or what it waits for
 */
public record Health(boolean live, boolean ready, String detail) {
    public static Health ready(String detail) {
        return new Health(true, true, detail);
    }

    public static Health notReady(String detail) {
        return new Health(true, false, detail);
    }

    public static Health dead(String detail) {
        return new Health(false, false, detail);
    }
}
