package dev.precast.launcher.layout;

import com.fasterxml.jackson.databind.JsonNode;
import dev.precast.schemas.error.RefusalReason;
import dev.precast.schemas.error.RefusedException;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.image.Reference;
import dev.precast.schemas.json.StrictJson;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What {@code index.json} of a layout names (OCI image-spec v1.1 {@code image-layout.md}). Pure.
 *
 * @param tags by reference, in the order of the document; the last entry of a reference wins
 * @param mediaTypes of every manifest that the entries name, tagged or not
 * @param passedOver one sentence for each entry that names nothing that a registry could serve
 */
record LayoutIndex(Map<Reference, Entry> tags, Map<Digest, String> mediaTypes, List<String> passedOver) {
    private static final String REFERENCE = "org.opencontainers.image.ref.name";

    /** A manifest or index. */
    record Entry(Digest digest, String mediaType) {}

    LayoutIndex {
        tags = new LinkedHashMap<>(tags);
        mediaTypes = Map.copyOf(mediaTypes);
        passedOver = List.copyOf(passedOver);
    }

    /** @param repository of entries whose reference is only a tag */
    static LayoutIndex parse(byte[] json, String repository) throws RefusedException {
        JsonNode entries = StrictJson.read(json, "index.json", RefusalReason.MALFORMED_MANIFEST)
                .path("manifests");
        if (!entries.isArray()) {
            throw new RefusedException(RefusalReason.MALFORMED_MANIFEST, "The index.json has no array \"manifests\".");
        }
        Map<Reference, Entry> tags = new LinkedHashMap<>();
        Map<Digest, String> mediaTypes = new LinkedHashMap<>();
        List<String> passedOver = new ArrayList<>();
        for (JsonNode node : entries) {
            Optional<Digest> digest = Digest.tryParse(node.path("digest").asText());
            String mediaType = node.path("mediaType").asText();
            if (digest.isEmpty() || !(MediaTypes.isImage(mediaType) || MediaTypes.isIndex(mediaType))) {
                passedOver.add("An entry with digest \"" + node.path("digest").asText() + "\" and media type \""
                        + mediaType + "\" is no manifest or index.");
                continue;
            }
            mediaTypes.put(digest.get(), mediaType);
            String name = node.path("annotations").path(REFERENCE).asText();
            Optional<Reference> reference = reference(name, repository);
            reference.ifPresent(r -> tags.put(r, new Entry(digest.get(), mediaType)));
            if (reference.isEmpty() && !name.isEmpty()) {
                passedOver.add("The entry \"" + name + "\" has no reference of the form repository:tag or tag.");
            }
        }
        return new LayoutIndex(tags, mediaTypes, passedOver);
    }

    Optional<Entry> find(String repository, String tag) {
        return Reference.isRepository(repository) && Reference.isTag(tag)
                ? Optional.ofNullable(tags.get(new Reference(repository, tag)))
                : Optional.empty();
    }

    /** In the order of their characters, as registries list them. */
    Set<String> repositories() {
        Set<String> names = new TreeSet<>();
        tags.keySet().forEach(reference -> names.add(reference.repository()));
        return names;
    }

    /** In the order of their characters. */
    List<String> tagsOf(String repository) {
        return tags.keySet().stream()
                .filter(reference -> reference.repository().equals(repository))
                .map(Reference::tag)
                .sorted()
                .toList();
    }

    /** What the repository's tags point to. */
    List<Entry> entriesOf(String repository) {
        return tags.entrySet().stream()
                .filter(tag -> tag.getKey().repository().equals(repository))
                .map(Map.Entry::getValue)
                .toList();
    }

    private static Optional<Reference> reference(String name, String repository) {
        if (Reference.isTag(name)) {
            return Reference.isRepository(repository) ? Optional.of(new Reference(repository, name)) : Optional.empty();
        }
        return Reference.tryParse(name);
    }
}
