package dev.precast.converter.schema1;

import dev.precast.schemas.json.RawJson;
import java.util.List;

/**
 * What schema 1 needs of an image config, beside its members as written.
 *
 * @param members top-level members in the order of the text, duplicates included
 * @param architecture empty text when absent
 * @param diffIds how many there are; what they say is not looked at
 * @param baseLayer {@code rootfs.base_layer} of old Windows images; empty text when absent
 * @param history oldest first, never empty
 */
record ImageConfig(
        List<RawJson.Member> members, String architecture, int diffIds, String baseLayer, List<HistoryEntry> history) {
    /**
     * One step of the build.
     *
     * @param created normalised as by {@link GoTime}
     * @param author empty text when absent, as are createdBy and comment
     * @param emptyLayer whether the step made no layer
     */
    record HistoryEntry(String created, String author, String createdBy, String comment, boolean emptyLayer) {
        static final HistoryEntry ZERO = new HistoryEntry(GoTime.ZERO, "", "", "", false);
    }

    ImageConfig {
        members = List.copyOf(members);
        history = List.copyOf(history);
    }

    long layersInHistory() {
        return history.stream().filter(entry -> !entry.emptyLayer()).count();
    }
}
