package dev.precast.converter.jws;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.schemas.error.RefusedException;
import dev.precast.schemas.schema1.PrettyJws;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What Docker Distribution and libtrust signed: we take it for valid, and write the same bytes from payload, keys and time. */
class GoldenManifestTest {
    /** A new EC signature differs at each signing of theirs; everything around it must not. RSA ones are the same. */
    private static final String EC_SIGNATURE = "(?s)(\"alg\": ?\"ES\\d+\"\\s*\\},\\s*\"signature\": ?)\"[\\w-]+\"";

    static Stream<Arguments> manifests() {
        return Stream.of("by-docker-registry", "by-libtrust")
                .flatMap(folder -> Fixtures.names(folder).stream().map(name -> Arguments.of(folder, name)));
    }

    @ParameterizedTest
    @MethodSource("manifests")
    void verify_isSatisfied(String folder, String name) {
        byte[] manifest = Fixtures.bytes(folder, name);

        Verification unknown = ManifestVerifier.verify(manifest, Set.of());
        assertThat(unknown.problem()).isEmpty();
        assertThat(unknown.verdict()).isEqualTo(Verdict.VALID_UNKNOWN_KEY);

        Set<String> trusted =
                Set.of(Objects.requireNonNull(unknown.signatures().get(0).keyId()));
        assertThat(ManifestVerifier.verify(manifest, trusted).verdict()).isEqualTo(Verdict.VALID_TRUSTED);
    }

    @ParameterizedTest
    @MethodSource("manifests")
    void sign_writesTheSameBytes(String folder, String name) throws RefusedException {
        byte[] manifest = Fixtures.bytes(folder, name);
        Verification verification = ManifestVerifier.verify(manifest, Set.of());
        List<SigningKey> keys = Fixtures.keys().stream()
                .filter(key -> verification.signatures().stream()
                        .anyMatch(check -> key.keyId().equals(check.keyId())))
                .toList();
        Instant time = Objects.requireNonNull(verification.signatures().get(0).time());

        byte[] ours = ManifestSigner.sign(PrettyJws.read(manifest).orElseThrow().payload(), keys, time);

        // libtrust lets a PEM header out into the JWK; we do not.
        String theirs = new String(manifest, UTF_8).replaceFirst("\\s*\"keyID\": \"[A-Z2-7:]+\",", "");
        assertThat(new String(ours, UTF_8).replaceAll(EC_SIGNATURE, "$1"))
                .isEqualTo(theirs.replaceAll(EC_SIGNATURE, "$1"));
    }
}
