package dev.precast.converter.platform;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.schemas.image.Descriptor;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.Manifest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.image.Platform;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlatformSelectorTest {
    private final List<Descriptor> entries = new ArrayList<>();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // wanted | document | order
                "linux/amd64                | linux/arm64 linux/amd64                   | linux/amd64",
                "linux/amd64                | linux/amd64/v3 linux/amd64                | linux/amd64 linux/amd64/v3",
                "linux/amd64                | linux/amd64/v3 linux/amd64/v2             | linux/amd64/v2 linux/amd64/v3",
                "linux/amd64                | linux/amd64/v2 linux/amd64/v1             | linux/amd64/v1 linux/amd64/v2",
                "linux/arm64                | linux/arm64/v9 linux/arm64/v8             | linux/arm64/v8 linux/arm64/v9",
                "linux/arm                  | linux/arm/v7 linux/arm/v5 linux/arm/v6    | linux/arm/v5 linux/arm/v6 linux/arm/v7",
                "linux/arm/v7               | linux/arm/v6 linux/arm/v7                 | linux/arm/v7",
                "linux/arm/v7               | linux/arm/v6 linux/arm                    | linux/arm",
                "linux/arm64/v8             | linux/arm64                               | linux/arm64",
                "linux/amd64/v2             | linux/amd64 linux/amd64/v3                | ''",
                "linux/s390x,linux/amd64    | linux/amd64 linux/s390x                   | linux/s390x linux/amd64",
                "windows/amd64              | linux/amd64 windows/amd64                 | windows/amd64",
                "linux/AMD64                | linux/amd64                               | ''",
                "linux/amd64                | unknown/unknown linux/unknown             | ''"
            })
    void inOrder_platforms(String wanted, String document, String order) {
        for (String platform : document.split(" ")) {
            add(MediaTypes.OCI_MANIFEST, Platform.parse(platform), Map.of());
        }

        assertThat(inOrder(wanted).stream()
                        .map(entry -> String.valueOf(entry.platform()))
                        .toList())
                .isEqualTo(order.isEmpty() ? List.of() : List.of(order.split(" ")));
    }

    @Test
    void inOrder_equalPlatforms_keepTheOrderOfTheDocument() {
        Descriptor first = add(MediaTypes.SCHEMA2, new Platform("linux", "amd64", null, "1"), Map.of());
        Descriptor second = add(MediaTypes.SCHEMA2, new Platform("linux", "amd64", null, "0"), Map.of());

        assertThat(inOrder("linux/amd64")).containsExactly(first, second);
    }

    @Test
    void inOrder_zstdTwin_comesLastEvenWithABetterVariant() {
        Descriptor twin = add(
                MediaTypes.OCI_MANIFEST, Platform.LINUX_AMD64, Map.of("io.github.containers.compression.zstd", "true"));
        Descriptor gzip = add(MediaTypes.OCI_MANIFEST, Platform.parse("linux/amd64/v2"), Map.of());

        assertThat(inOrder("linux/amd64")).containsExactly(gzip, twin);
    }

    @Test
    void inOrder_whatIsNoImage_isPassedOver() {
        add(MediaTypes.MANIFEST_LIST, Platform.LINUX_AMD64, Map.of());
        add(MediaTypes.OCI_INDEX, Platform.LINUX_AMD64, Map.of());
        add("application/vnd.example+json", Platform.LINUX_AMD64, Map.of());
        add("", Platform.LINUX_AMD64, Map.of());
        add(MediaTypes.OCI_MANIFEST, null, Map.of());
        add(MediaTypes.OCI_MANIFEST, new Platform("", "", null, null), Map.of());
        add(MediaTypes.OCI_MANIFEST, Platform.LINUX_AMD64, Map.of("vnd.docker.reference.type", "attestation-manifest"));

        assertThat(inOrder("linux/amd64")).isEmpty();
    }

    @Test
    void inOrder_schema1_isAnImage() {
        Descriptor schema1 = add(MediaTypes.SCHEMA1_SIGNED, Platform.LINUX_AMD64, Map.of());

        assertThat(inOrder("linux/amd64")).containsExactly(schema1);
    }

    private List<Descriptor> inOrder(String wanted) {
        List<Platform> platforms =
                List.of(wanted.split(",")).stream().map(Platform::parse).toList();
        return PlatformSelector.inOrder(new Manifest.Index(MediaTypes.OCI_INDEX, entries), platforms);
    }

    private Descriptor add(String type, @Nullable Platform platform, Map<String, String> annotations) {
        Digest digest = Digest.sha256(Integer.toString(entries.size()).getBytes(StandardCharsets.UTF_8));
        Descriptor entry = new Descriptor(type, digest, 1, platform, List.of(), annotations);
        entries.add(entry);
        return entry;
    }
}
