package dev.precast.schemas.record;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** A value of {@code precast-variants}: what a tag offers, or the bytes of one manifest. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
    @JsonSubTypes.Type(value = TagOffers.class, name = "offers"),
    @JsonSubTypes.Type(value = VariantManifest.class, name = "manifest")
})
public sealed interface VariantRecord permits TagOffers, VariantManifest {
    String repository();
}
