package dev.precast.schemas.record;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.precast.schemas.error.Refusal;
import dev.precast.schemas.image.Digest;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a tag offers besides the stored manifest. Key {@code repository:tag}.
 *
 * @param version the image record's version that this was made from
 * @param root digest of the manifest or index that the tag points to
 * @param rootMediaType its media type; absent when the root could not be read
 * @param offers by media type; a type that is not a key is neither offered nor refused
 * @param builtWith what decided the offers besides the image: settings and converter revision. Who signed stands in the
 *     manifest: signing anew changes no offer
 */
public record TagOffers(
        String repository,
        String tag,
        long version,
        Digest root,
        @Nullable String rootMediaType,
        Map<String, Offer> offers,
        String builtWith)
        implements VariantRecord {
    public TagOffers {
        requireNonNull(repository, "repository");
        requireNonNull(tag, "tag");
        requireNonNull(root, "root");
        requireNonNull(builtWith, "builtWith");
        offers = offers == null ? Map.of() : new TreeMap<>(offers);
    }

    /**
     * One format: either the digest of the manifest, in the same repository, or why there is none.
     *
     * @param digest absent when refused
     * @param refusal absent when offered
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Offer(@Nullable Digest digest, @Nullable Refusal refusal) {
        public Offer {
            if ((digest == null) == (refusal == null)) {
                throw new IllegalArgumentException("An offer has either a digest or a refusal.");
            }
        }

        public static Offer of(Digest digest) {
            return new Offer(digest, null);
        }

        public static Offer refused(Refusal refusal) {
            return new Offer(null, refusal);
        }
    }
}
