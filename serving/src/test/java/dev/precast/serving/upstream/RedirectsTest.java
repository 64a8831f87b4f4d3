package dev.precast.serving.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RedirectsTest {
    private static final URI REGISTRY = URI.create("https://registry.example");
    private static final URI FROM = URI.create("https://registry.example/v2/a/blobs/x");

    private final Redirects redirects =
            new Redirects(REGISTRY, true, List.of("store.example", "*.cdn.example", "127.0.0.1"));

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
        Redirects any = new Redirects(REGISTRY, true, List.of());
        assertThat(any.target(FROM, "https://93.184.216.34/x")).isPresent();
        assertThat(any.target(FROM, "https://169.254.169.254/x")).isEmpty();
        assertThat(any.target(FROM, "https://[::1]/x")).isEmpty();
        assertThat(new Redirects(REGISTRY, false, List.of()).target(FROM, "https://93.184.216.34/x"))
                .isEmpty();
    }

    /** Names are looked up where they are connected to, by threads that nobody waits for. */
    @Test
    void publicOnly_whatNobodyHasNamed() {
        Redirects any = new Redirects(REGISTRY, true, List.of());
        assertThat(any.target(FROM, "https://no.such.name.invalid/x"))
                .hasValueSatisfying(target -> assertThat(any.publicOnly(target)).isTrue());
        assertThat(any.publicOnly(FROM)).isFalse();
        assertThat(redirects.publicOnly(URI.create("https://store.example/x"))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "0.0.0.0",
                "10.1.2.3",
                "172.16.0.1",
                "192.168.1.1",
                "169.254.169.254",
                "100.64.0.1",
                "198.18.0.1",
                "192.0.0.1",
                "224.0.0.1",
                "255.255.255.255",
                "::1",
                "::",
                "fe80::1",
                "fc00::1",
                "fd00:ec2::254",
                "64:ff9b::7f00:1",
                "2002:7f00:1::",
                "2001:0:1::",
                "::ffff:127.0.0.1",
                "ff02::1"
            })
    void address_notPublic(String address) throws Exception {
        assertThat(Redirects.isPublic(InetAddress.getByName(address))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"93.184.216.34", "1.1.1.1", "2606:4700::1111"})
    void address_public(String address) throws Exception {
        assertThat(Redirects.isPublic(InetAddress.getByName(address))).isTrue();
    }
}
