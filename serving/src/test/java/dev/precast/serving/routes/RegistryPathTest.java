package dev.precast.serving.routes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.Reference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RegistryPathTest {
    private static final String D = Digest.EMPTY_LAYER.toString();

    @Test
    void parse_everyKind() {
        assertThat(RegistryPath.parse("/v2/")).isEqualTo(new RegistryPath.Ping());
        assertThat(RegistryPath.parse("/v2")).isEqualTo(new RegistryPath.Ping());
        assertThat(RegistryPath.parse("/v2/_catalog")).isEqualTo(new RegistryPath.Catalog());
        assertThat(RegistryPath.parse("/v2/a/b/tags/list")).isEqualTo(new RegistryPath.Tags("a/b"));
        assertThat(RegistryPath.parse("/v2/a/manifests/V1.0"))
                .isEqualTo(new RegistryPath.ByTag(new Reference("a", "V1.0")));
        assertThat(RegistryPath.parse("/v2/a/manifests/" + D))
                .isEqualTo(new RegistryPath.ByDigest("a", Digest.EMPTY_LAYER));
        assertThat(RegistryPath.parse("/v2/a/b/c/blobs/" + D))
                .isEqualTo(new RegistryPath.BlobPath("a/b/c", Digest.EMPTY_LAYER));
    }

    @Test
    void parse_fromTheRight() {
        assertThat(RegistryPath.parse("/v2/manifests/manifests/manifests"))
                .isEqualTo(new RegistryPath.ByTag(new Reference("manifests", "manifests")));
        assertThat(RegistryPath.parse("/v2/blobs/x/manifests/y/blobs/" + D))
                .isEqualTo(new RegistryPath.BlobPath("blobs/x/manifests/y", Digest.EMPTY_LAYER));
        assertThat(RegistryPath.parse("/v2/a/tags/list/manifests/x"))
                .isEqualTo(new RegistryPath.ByTag(new Reference("a/tags/list", "x")));
        assertThat(RegistryPath.parse("/v2/a/manifests/tags/list")).isEqualTo(new RegistryPath.Tags("a/manifests"));
    }

    @Test
    void parse_encodedColonOfADigest() {
        assertThat(RegistryPath.parse("/v2/a/blobs/" + D.replace(":", "%3a")))
                .isEqualTo(new RegistryPath.BlobPath("a", Digest.EMPTY_LAYER));
        assertThat(RegistryPath.parse("/v2/a/manifests/" + D.replace(":", "%3A")))
                .isEqualTo(new RegistryPath.ByDigest("a", Digest.EMPTY_LAYER));
    }

    @ParameterizedTest
    @CsvSource({
        "/v2/A/manifests/x, 400, NAME_INVALID",
        "/v2//manifests/x, 400, NAME_INVALID",
        "/v2/a//b/manifests/x, 400, NAME_INVALID",
        "/v2/a/../b/manifests/x, 400, NAME_INVALID",
        "/v2/./manifests/x, 400, NAME_INVALID",
        "/v2/a%2Fb/manifests/x, 400, NAME_INVALID",
        "/v2/%2e%2e/manifests/x, 400, NAME_INVALID",
        "/v2/a;p=1/manifests/x, 400, NAME_INVALID",
        "/v2/a%0d%0aX:/manifests/x, 400, NAME_INVALID",
        "/v2/a\\b/manifests/x, 400, NAME_INVALID",
        "/v2/a%5cb/tags/list, 400, NAME_INVALID",
        "/v2/@/tags/list, 400, NAME_INVALID",
        "/v2/a/manifests/sha256:abc, 400, DIGEST_INVALID",
        "/v2/a/manifests/md5:d41d8cd98f00b204e9800998ecf8427e, 400, DIGEST_INVALID",
        "/v2/a/manifests/x%3Ay, 400, DIGEST_INVALID",
        "/v2/a/blobs/x, 400, DIGEST_INVALID",
        "/v2/a/blobs/.., 400, DIGEST_INVALID",
        "/v2/a/manifests/.x, 404, MANIFEST_UNKNOWN",
        "/v2/a/manifests/.., 404, MANIFEST_UNKNOWN",
        "/v2/a/manifests/x%20, 404, MANIFEST_UNKNOWN",
        "/v2/a/manifests/x;y, 404, MANIFEST_UNKNOWN",
        "/v2/a/manifests/, 404, MANIFEST_UNKNOWN",
        "/v2/a/manifests, 404, UNSUPPORTED",
        "/v2/a/blobs/uploads/, 404, UNSUPPORTED",
        "/v2/a/referrers/x, 400, DIGEST_INVALID",
        "/v2/a/referrers/, 404, UNSUPPORTED",
        "/v2/A/referrers/x, 400, NAME_INVALID",
        "/v2/_catalog/, 404, UNSUPPORTED",
        "/v1/_ping, 404, UNSUPPORTED",
        "//v2/a/manifests/x, 404, UNSUPPORTED",
        "/V2/, 404, UNSUPPORTED",
        "*, 404, UNSUPPORTED",
        "/, 404, UNSUPPORTED"
    })
    void parse_anythingElse(String path, int status, String code) {
        assertThat(RegistryPath.parse(path)).isInstanceOfSatisfying(RegistryPath.Invalid.class, invalid -> {
            assertThat(invalid.error().status()).isEqualTo(status);
            assertThat(invalid.error().code()).isEqualTo(code);
        });
    }

    @Test
    void parse_tooLong() {
        String name = "a".repeat(256);
        assertThat(RegistryPath.parse("/v2/" + name + "/tags/list")).isInstanceOf(RegistryPath.Invalid.class);
        assertThat(RegistryPath.parse("/v2/a/manifests/" + "x".repeat(129))).isInstanceOf(RegistryPath.Invalid.class);
    }

    @ParameterizedTest
    @CsvSource({
        "n=5, ?n=5",
        "n=1000000000, ?n=1000",
        "n=3&last=a/b, ?n=3&last=a/b",
        "last=a%2Fb&x=y, ?last=a/b",
        "other=1, ''",
        "n=, ''"
    })
    void pageQuery_rebuilt(String raw, String expected) {
        assertThat(PageQuery.parse(raw).query()).isEqualTo(expected);
        assertThat(PageQuery.parse(raw).error()).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"n=-1", "n=x", "n=99999999999999999999", "last=a%20b", "last=%zz", "last=a%26n=1"})
    void pageQuery_refused(String raw) {
        assertThat(PageQuery.parse(raw).error()).isNotNull();
    }

    @Test
    void emptyLayer_hasItsDigest() {
        assertThat(EmptyLayer.content()).hasSize(32);
        assertThat(Digest.EMPTY_LAYER.matches(EmptyLayer.content())).isTrue();
    }
}
