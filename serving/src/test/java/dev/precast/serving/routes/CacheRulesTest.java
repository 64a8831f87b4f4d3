package dev.precast.serving.routes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.serving.upstream.HeaderLines;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CacheRulesTest {
    private static final ClientRequest ANONYMOUS = request(HeaderLines.NONE);
    private static final ClientRequest CALLER = request(HeaderLines.NONE.plus("authorization", "Basic x"));

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "max-age=5|private, max-age=5",
                "public, max-age=31536000, immutable|private, max-age=31536000, immutable",
                "Public,MAX-AGE=5,s-maxage=600,proxy-revalidate|private, max-age=5",
                "private|private",
                "no-store|private, no-store",
                "private=\"x-a, x-b\", no-cache=\"set-cookie\"|private, no-cache",
                "max-age=5 public|private",
                "max-age=5\u00e9|private"
            })
    void withACredential_noCacheHandsItOn(String upstream, String sent) {
        assertThat(CacheRules.control(CALLER, List.of(upstream))).hasValue(sent);
    }

    @Test
    void withACredential_isPrivateWhateverTheUpstreamLeavesOut() {
        assertThat(CacheRules.control(CALLER, List.of())).hasValue("private");
        assertThat(CacheRules.control(CALLER, List.of("public", "max-age=5"))).hasValue("private, max-age=5");
    }

    @Test
    void withoutACredential_isTheUpstreamsAffair() {
        assertThat(CacheRules.control(ANONYMOUS, List.of("public, s-maxage=5"))).hasValue("public, s-maxage=5");
        assertThat(CacheRules.control(ANONYMOUS, List.of())).isEmpty();
    }

    private static ClientRequest request(HeaderLines headers) {
        return new ClientRequest(false, RegistryPath.parse("/v2/"), null, headers);
    }
}
