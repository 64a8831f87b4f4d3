package dev.precast.schemas.record;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** A value of {@code precast-walks}: a wish to build anew, or how far a walk over the image table is. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
    @JsonSubTypes.Type(value = WalkRequest.class, name = "request"),
    @JsonSubTypes.Type(value = WalkReport.class, name = "report")
})
public sealed interface WalkRecord permits WalkRequest, WalkReport {}
