package dev.precast.e2e.client;

import com.google.cloud.tools.jib.api.DescriptorDigest;
import com.google.cloud.tools.jib.blob.BlobDescriptor;
import com.google.cloud.tools.jib.event.EventHandlers;
import com.google.cloud.tools.jib.http.FailoverHttpClient;
import com.google.cloud.tools.jib.image.json.V21ManifestTemplate;
import com.google.cloud.tools.jib.registry.RegistryClient;
import java.io.OutputStream;
import java.util.LinkedHashSet;
import java.util.List;

/** Jib's registry client, asking for the format of Docker Registry V2.1: it accepts only {@code manifest.v1+json}. */
public final class JibClient {
    private JibClient() {}

    /**
     * Pulls manifest and blobs; Jib throws where the manifest is another format or a blob has another digest.
     *
     * @param reference tag or digest
     */
    public static Pulled pull(String registry, String repository, String reference) throws Exception {
        FailoverHttpClient http = new FailoverHttpClient(true, false, event -> {});
        try {
            RegistryClient client = RegistryClient.factory(EventHandlers.NONE, registry, repository, http)
                    .newRegistryClient();
            V21ManifestTemplate manifest =
                    client.pullManifest(reference, V21ManifestTemplate.class).getManifest();
            String architecture = manifest.getContainerConfiguration()
                    .map(config -> config.getArchitecture())
                    .orElse("none");
            long bytes = 0;
            for (DescriptorDigest digest : new LinkedHashSet<>(manifest.getLayerDigests())) {
                BlobDescriptor blob =
                        client.pullBlob(digest, size -> {}, progress -> {}).writeTo(OutputStream.nullOutputStream());
                bytes += blob.getSize();
            }
            return new Pulled(
                    architecture,
                    manifest.getLayerDigests().stream()
                            .map(DescriptorDigest::toString)
                            .toList(),
                    bytes);
        } finally {
            http.shutDown();
        }
    }

    /**
     * @param architecture out of the newest v1Compatibility entry
     * @param layers blobSums in the manifest's order, newest first, with repetitions
     * @param bytes of all blobs, each counted once
     */
    public record Pulled(String architecture, List<String> layers, long bytes) {}
}
