package dev.precast.schemas.image;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReferenceTest {
    @ParameterizedTest
    @ValueSource(strings = {"hello", "library/hello", "a/b/c/d", "a-b/c__d/e.f", "a--b", "0", "manifests/blobs/tags"})
    void repository_accepted(String name) {
        assertThat(Reference.isRepository(name)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", "Hello", "a/../b", "a//b", "/a", "a/", "a..b", "-a", "a-", "a___b", "a:b", "a@b", "a b", "a%2fb",
                "a;x=1", "ü", "a\n"
            })
    void repository_refused(String name) {
        assertThat(Reference.isRepository(name)).isFalse();
    }

    @Test
    void repository_hasAtMost255Characters() {
        assertThat(Reference.isRepository("a".repeat(255))).isTrue();
        assertThat(Reference.isRepository("a".repeat(256))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"v1", "1.0", "_", "latest", "A-b_c.D"})
    void tag_accepted(String tag) {
        assertThat(Reference.isTag(tag)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".a", "-a", "a/b", "a:b", "sha256:abc", "a b", "ä"})
    void tag_refused(String tag) {
        assertThat(Reference.isTag(tag)).isFalse();
    }

    @Test
    void tag_hasAtMost128Characters() {
        assertThat(Reference.isTag("a".repeat(128))).isTrue();
        assertThat(Reference.isTag("a".repeat(129))).isFalse();
    }

    @Test
    void parse_splitsAtTheTag() {
        assertThat(Reference.parse("library/hello:v1")).isEqualTo(new Reference("library/hello", "v1"));
        assertThat(Reference.tryParse("library/hello")).isEmpty();
    }
}
