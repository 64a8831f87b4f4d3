package dev.precast.ingest.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.ingest.registry.Destinations.Way;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DestinationsTest {
    private final Destinations http = new Destinations(
            URI.create("http://127.0.0.1:5000"),
            Set.of(),
            Set.of("10.0.0.9", "10.0.0.10:9000"),
            DestinationsTest::literally);

    @ParameterizedTest
    @CsvSource({
        "http://127.0.0.1:5000/v2/x, true",
        "http://127.0.0.1:5001/x, false",
        "http://127.0.0.1/x, false",
        "http://203.0.113.7/x, false",
        "https://203.0.113.7/x, true",
        "https://10.0.0.9/x, true",
        "https://10.0.0.10:9000/x, true",
        "https://10.0.0.10/x, false",
        "https://127.0.0.1:5000/x, false",
        "https://10.0.0.8/x, false",
        "https://167772168/x, false",
        "https://0x7f000001/x, false",
        "https://017700000001/x, false",
        "https://localhost/x, false",
        "https://0.1.2.3/x, false",
        "https://192.0.0.8/x, false",
        "https://198.18.0.1/x, false",
        "https://255.255.255.255/x, false",
        "https://[64:ff9b::7f00:1]/x, false",
        "https://[2002:7f00:1::1]/x, false",
        "https://[2001:0:7f00:1::1]/x, false",
        "file:///etc/passwd, false",
        "https://192.168.1.1/x, false",
        "https://172.16.0.1/x, false",
        "https://100.64.0.1/x, false",
        "https://169.254.169.254/latest/meta-data, false",
        "https://127.0.0.2/x, false",
        "https://0.0.0.0/x, false",
        "https://[::1]/x, false",
        "https://[fc00::1]/x, false",
        "https://[fe80::1]/x, false",
        "https://[::ffff:10.0.0.8]/x, false",
        "ftp://203.0.113.7/x, false",
        "gopher://127.0.0.1:5000/x, false",
    })
    void blobs_areRedirectedToPublicHttpsOrTheRegistryItself(String location, boolean allowed) {
        assertThat(http.redirect(URI.create(location)) instanceof Way.Closed).isEqualTo(!allowed);
    }

    @Test
    void publicName_isLookedUpOnce_andStandsForTheAddressesFound() throws Exception {
        InetAddress first = InetAddress.getByName("203.0.113.7");
        InetAddress second = InetAddress.getByName("2001:db8::7");
        List<String> asked = new ArrayList<>();
        Destinations destinations =
                new Destinations(URI.create("https://registry.example"), Set.of(), Set.of(), host -> {
                    asked.add(host);
                    return List.of(first, second);
                });

        assertThat(destinations.redirect(URI.create("https://blobs.example/x")))
                .isEqualTo(new Way.Public(List.of(first, second)));
        assertThat(asked).containsExactly("blobs.example");
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "10.0.0.8", "169.254.169.254", "::1", "fc00::1"})
    void name_withOnePrivateAddressAmongOthers_isNotFollowed(String address) throws Exception {
        List<InetAddress> mixed = List.of(InetAddress.getByName("203.0.113.7"), InetAddress.getByName(address));
        Destinations destinations =
                new Destinations(URI.create("https://registry.example"), Set.of(), Set.of(), host -> mixed);

        assertThat(destinations.redirect(URI.create("https://blobs.example/x"))).isEqualTo(new Way.Closed());
    }

    /** As the platform reads them: decimal, octal and hexadecimal numbers too. */
    private static List<InetAddress> literally(String host) throws UnknownHostException {
        return List.of(InetAddress.getAllByName(host));
    }
}
