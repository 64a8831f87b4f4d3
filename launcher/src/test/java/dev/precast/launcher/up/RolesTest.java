package dev.precast.launcher.up;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import org.junit.jupiter.api.Test;

class RolesTest {
    @Test
    void url_ofAnIpv6Address_hasBrackets() throws Exception {
        String bound = Roles.url(new InetSocketAddress(InetAddress.getByName("[::1]"), 5080), "");

        assertThat(URI.create(bound + "/v2/").getHost()).isEqualTo("[0:0:0:0:0:0:0:1]");
        assertThat(Roles.url(InetSocketAddress.createUnresolved("::1", 5080), null))
                .isEqualTo("http://[::1]:5080");
        assertThat(Roles.url(InetSocketAddress.createUnresolved("[::1]", 5080), null))
                .isEqualTo("http://[::1]:5080");
    }

    @Test
    void url_ofAName_isAsItWas() {
        assertThat(Roles.url(InetSocketAddress.createUnresolved("localhost", 5080), "certificate.pem"))
                .isEqualTo("https://localhost:5080");
    }
}
