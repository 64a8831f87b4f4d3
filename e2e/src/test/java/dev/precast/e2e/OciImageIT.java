package dev.precast.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.precast.e2e.client.RegistryReader.Answer;
import dev.precast.e2e.image.ExampleImage;
import dev.precast.e2e.image.PulledLayout;
import dev.precast.e2e.tool.AcceptProxy;
import dev.precast.e2e.tool.Converting;
import dev.precast.e2e.tool.ExternalTool;
import dev.precast.e2e.tool.Needs;
import dev.precast.e2e.tool.Podman;
import dev.precast.e2e.tool.Skopeo;
import dev.precast.e2e.tool.Stack;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.testkit.client.Schema1;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** OCI images, which Docker Distribution 2.8 does not convert at all. */
@Converting
final class OciImageIT {
    @Test
    void ociImage_givesThePayloadOfTheSameImageInSchema2(Stack stack) {
        ExampleImage image = ExampleImage.saying("both forms");
        Answer fromSchema2 = stack.pushAndAwait(image, "oci/same", "1", Skopeo.Format.SCHEMA2);
        Answer fromOci = stack.pushAndAwait(image, "oci/same", "1", Skopeo.Format.OCI);
        assertThat(Schema1.payload(fromOci.body())).isEqualTo(Schema1.payload(fromSchema2.body()));
        assertThat(fromOci.digest()).isEqualTo(fromSchema2.digest());
    }

    @Needs(ExternalTool.NGINX)
    @Test
    void skopeo_thatGetsOnlySchema2_copiesAnOciImage(Stack stack, @TempDir Path folder) {
        ExampleImage image = ExampleImage.saying("schema 2 only");
        String stored = stack.push(image, "oci/app", "1", Skopeo.Format.OCI);
        String digest =
                stack.awaitConverted("oci/app", "1", stored, MediaTypes.SCHEMA2).digest();
        try (AcceptProxy front =
                AcceptProxy.start(folder.resolve("nginx"), stack.precast().address(), MediaTypes.SCHEMA2)) {
            for (String reference : new String[] {"oci/app:1", "oci/app@" + digest}) {
                Path pulled = folder.resolve(Integer.toHexString(reference.hashCode()));
                stack.skopeo()
                        .pull(front.address(), reference, "oci:" + pulled + ":pulled")
                        .requireSuccess();
                assertThat(PulledLayout.read(pulled).diffIdsOfLayers()).isEqualTo(image.diffIds());
            }
            assertThat(front.answers()).contains("200 " + MediaTypes.SCHEMA2 + " /v2/oci/app/manifests/1");
        }
    }

    @Test
    void index_givesOldClientsItsAmd64Image(Stack stack) {
        ExampleImage image = ExampleImage.saying("many platforms");
        Answer alone = stack.pushAndAwait(image, "oci/many", "1", Skopeo.Format.OCI);
        String stored = stack.pushIndex("oci/many", "1", image.on("arm64"), image);
        stack.awaitConverted("oci/many", "1", stored, MediaTypes.MANIFEST_LIST);
        Answer ofIndex = stack.served().get("/v2/oci/many/manifests/1", MediaTypes.SCHEMA1_SIGNED);
        assertThat(ofIndex.status()).isEqualTo(200);
        assertThat(ofIndex.digest()).isEqualTo(alone.digest());
    }

    @Test
    void index_isAManifestListOfSchema2Images(Stack stack) {
        ExampleImage image = ExampleImage.saying("a list");
        String stored = stack.pushIndex("oci/list", "1", image.on("arm64"), image);
        Answer list = stack.awaitConverted("oci/list", "1", stored, MediaTypes.MANIFEST_LIST);
        assertThat(list.contentType()).isEqualTo(MediaTypes.MANIFEST_LIST);
        assertThat(Digest.sha256(list.body())).hasToString(list.digest());
        assertThat(list.json().path("manifests").findValuesAsText("architecture"))
                .contains("arm64", "amd64");
        for (JsonNode child : list.json().path("manifests")) {
            if (child.at("/platform/os").asText().equals("linux")) {
                Answer image2 = stack.served()
                        .get("/v2/oci/list/manifests/" + child.path("digest").asText(), MediaTypes.SCHEMA2);
                assertThat(image2.status()).isEqualTo(200);
                assertThat(image2.contentType()).isEqualTo(MediaTypes.SCHEMA2);
                assertThat(Digest.sha256(image2.body()))
                        .hasToString(child.path("digest").asText());
            }
        }
    }

    @Needs({ExternalTool.NGINX, ExternalTool.PODMAN})
    @ParameterizedTest
    @ValueSource(
            strings = {
                MediaTypes.SCHEMA1_SIGNED,
                MediaTypes.SCHEMA2,
                MediaTypes.MANIFEST_LIST + ", " + MediaTypes.SCHEMA2
            })
    void podman_thatGetsOnlyOlderForms_pullsAnIndex(String accept, Stack stack, @TempDir Path folder) {
        ExampleImage image = ExampleImage.saying("for podman");
        String stored = stack.pushIndex("oci/podman", "1", image.on("arm64"), image);
        stack.awaitConverted("oci/podman", "1", stored, MediaTypes.MANIFEST_LIST);
        try (AcceptProxy front =
                AcceptProxy.start(folder.resolve("nginx"), stack.precast().address(), accept)) {
            new Podman(folder.resolve("podman"))
                    .pull(front.address(), "oci/podman:1")
                    .requireSuccess();
            String older = accept.split(", ")[0];
            assertThat(front.answers()).contains("200 " + older + " /v2/oci/podman/manifests/1");
        }
    }

    @Test
    void storedSchema1_isReturnedAsIs(Stack stack) throws Exception {
        Answer converted = stack.pushAndAwait(ExampleImage.saying("old form"), "oci/stored", "1", Skopeo.Format.OCI);
        byte[] emptyLayer =
                stack.served().get("/v2/oci/stored/blobs/" + Digest.EMPTY_LAYER).body();
        stack.registry().pushBlob("oci/stored", emptyLayer);
        stack.registry().pushManifest("oci/stored", "1", MediaTypes.SCHEMA1_SIGNED, converted.body());

        Answer stored = Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(
                        () -> stack.served().get("/v2/oci/stored/manifests/1"),
                        a -> a.header("Precast-Origin").filter("stored"::equals).isPresent());
        assertThat(stored.contentType()).isEqualTo(MediaTypes.SCHEMA1_SIGNED);
        assertThat(stored.digest()).isEqualTo(converted.digest());
        assertThat(Schema1.payload(stored.body())).isEqualTo(Schema1.payload(converted.body()));
    }

    @Test
    void index_withoutAnImageForOldClients_isRefusedWithTheReason(Stack stack) {
        stack.pushIndex("oci/arm", "1", ExampleImage.saying("elsewhere").on("arm64"));
        Answer answer = Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(
                        () -> stack.served().get("/v2/oci/arm/manifests/1", MediaTypes.SCHEMA1_SIGNED),
                        a -> a.text().contains("NO_SUITABLE_PLATFORM"));
        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.json().at("/errors/0/code").asText()).isEqualTo("MANIFEST_UNKNOWN");
        assertThat(answer.json().at("/errors/0/detail/reason").asText()).isEqualTo("NO_SUITABLE_PLATFORM");
        assertThat(answer.json().at("/errors/0/detail/message").asText()).isNotBlank();
    }
}
