package dev.precast.schemas.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenRealmsTest {
    private final TokenRealms ofHttp = new TokenRealms(
            URI.create("http://127.0.0.1:5000"), Set.of("auth.example", "127.0.0.1:5007", "*.tokens.example"));
    private final TokenRealms ofHttps = new TokenRealms(URI.create("https://registry.example"), Set.of("auth.example"));

    @ParameterizedTest
    @CsvSource({
        "http://127.0.0.1:5000/token, true, false",
        "http://127.0.0.1:5001/token, false, false",
        "https://127.0.0.1:5000/token, false, false",
        "http://127.0.0.1:5007/token, true, false",
        "https://registry.example/token, false, true",
        "HTTPS://Registry.Example/token, false, true",
        "https://registry.example:443/token, false, true",
        "https://registry.example:8443/token, false, false",
        "http://registry.example/token, false, false",
        "https://auth.example/token, true, true",
        "https://Auth.Example:8443/token, true, true",
        "http://auth.example/token, true, false",
        "https://auth.example.evil.example/token, false, false",
        "https://a.tokens.example/token, true, false",
        "https://tokens.example/token, false, false",
        "https://eviltokens.example/token, false, false",
        "https://u:p@auth.example/token, false, false",
        "https://auth.example/token#fragment, false, false",
        "file:///etc/passwd, false, false",
        "ftp://auth.example/token, false, false",
        "//auth.example/token, false, false",
        "/token, false, false",
    })
    void tokens_comeFromTheRegistryItselfOrAListedHost(String realm, boolean http, boolean https) {
        assertThat(ofHttp.allows(URI.create(realm))).isEqualTo(http);
        assertThat(ofHttps.allows(URI.create(realm))).isEqualTo(https);
    }
}
