package dev.precast.serving.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RedirectsTest {
    private static final URI REGISTRY = URI.create("https://registry.example");
    private static final URI FROM = URI.create("https://registry.example/v2/a/blobs/x");

    private final Redirects redirects =
            new Redirects(REGISTRY, true, Set.of("store.example", "*.cdn.example", "127.0.0.1"));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/x?y=z",
                "https://registry.example:443/x",
                "https://store.example/x",
                "https://STORE.example:8443/x",
                "https://a.b.cdn.example/x",
                "//store.example/x",
                "https://127.0.0.1:9000/named-by-the-operator"
            })
    void target_allowed(String location) {
        assertThat(redirects.target(FROM, location)).isPresent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://store.example/downgraded",
                "http://registry.example/downgraded",
                "https://cdn.example/x",
                "https://evilcdn.example/x",
                "https://store.example.evil.invalid/x",
                "https://user@store.example/x",
                "https://store.example/x#fragment",
                "https://93.184.216.34/public-but-not-listed",
                "ftp://store.example/x",
                "https:///x",
                "https://store.example /x"
            })
    void target_refused(String location) {
        assertThat(redirects.target(FROM, location)).isEmpty();
    }

    @Test
    void target_anyPublicAddressOverHttpsWhereNoneIsListed() {
        Redirects any = new Redirects(REGISTRY, true, Set.of());
        assertThat(any.target(FROM, "https://93.184.216.34/x")).isPresent();
        assertThat(any.target(FROM, "https://169.254.169.254/x")).isEmpty();
        assertThat(any.target(FROM, "https://[::1]/x")).isEmpty();
        assertThat(new Redirects(REGISTRY, false, Set.of()).target(FROM, "https://93.184.216.34/x"))
                .isEmpty();
    }

    /** Names are looked up where they are connected to, by threads that nobody waits for. */
    @Test
    void publicOnly_whatNobodyHasNamed() {
        Redirects any = new Redirects(REGISTRY, true, Set.of());
        assertThat(any.target(FROM, "https://no.such.name.invalid/x"))
                .hasValueSatisfying(target -> assertThat(any.publicOnly(target)).isTrue());
        assertThat(any.publicOnly(FROM)).isFalse();
        assertThat(redirects.publicOnly(URI.create("https://store.example/x"))).isFalse();
    }
}
