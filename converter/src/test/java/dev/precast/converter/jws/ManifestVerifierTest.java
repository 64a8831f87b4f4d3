package dev.precast.converter.jws;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.Limits;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ManifestVerifierTest {
    private static final Set<String> TRUSTED =
            Fixtures.keys().stream().map(SigningKey::keyId).collect(Collectors.toUnmodifiableSet());

    static List<String> defects() {
        return Fixtures.names("by-defect");
    }

    static List<String> unusual() {
        return Fixtures.names("unusual");
    }

    @ParameterizedTest
    @MethodSource("defects")
    void verify_byDefect(String name) {
        Verification verification = ManifestVerifier.verify(Fixtures.bytes("by-defect", name), TRUSTED);

        Verdict expected = name.startsWith("extra-")
                ? Verdict.EXTRA_MEMBERS
                : name.startsWith("unsigned") ? Verdict.UNSIGNED : Verdict.INVALID;
        assertThat(verification.verdict()).as(verification.toString()).isEqualTo(expected);
        assertThat(verification.problem().isEmpty()).isEqualTo(expected == Verdict.UNSIGNED);
    }

    @ParameterizedTest
    @MethodSource("unusual")
    void verify_unusual(String name) {
        byte[] manifest = Fixtures.bytes("unusual", name);

        assertThat(ManifestVerifier.verify(manifest, TRUSTED).verdict()).isEqualTo(Verdict.VALID_TRUSTED);
        assertThat(ManifestVerifier.verify(manifest, Set.of()).verdict()).isEqualTo(Verdict.VALID_UNKNOWN_KEY);
    }

    @Test
    void verify_tellsWhoSignedWhatAndWhen() {
        byte[] manifest = Fixtures.bytes("by-docker-registry", "ec-p384.sec1.json");

        Verification verification = ManifestVerifier.verify(manifest, TRUSTED);

        assertThat(verification.signatures()).singleElement().satisfies(check -> {
            assertThat(check.keyId()).isEqualTo(Fixtures.key("ec-p384.sec1.pem").keyId());
            assertThat(check.algorithm()).isEqualTo("ES384");
            assertThat(check.time()).isNotNull();
            assertThat(check.trusted()).isTrue();
        });
        // The header Docker-Content-Digest of the recorded answer.
        assertThat(verification.payloadDigest())
                .isEqualTo(Digest.parse("sha256:a28bae580610dc8c38f1242c49058dd930bcfb9241f8b87f3abdffad4ebcae8d"));
    }

    @Test
    void verify_oneTrustedOfTwoIsEnough() {
        SigningKey first = Fixtures.key("ec-p256.sec1.pem");
        SigningKey second = Fixtures.key("rsa-2048.pkcs1.pem");
        byte[] manifest = ManifestSigner.sign("{\"a\":1}".getBytes(UTF_8), List.of(first, second), Instant.EPOCH);

        assertThat(ManifestVerifier.verify(manifest, Set.of(second.keyId())).verdict())
                .isEqualTo(Verdict.VALID_TRUSTED);
    }

    @Test
    void verify_doesNotTrustByTheKidThatAKeyClaims() {
        byte[] manifest = Fixtures.bytes("by-defect", "kid-of-the-trusted-key-on-another-key.json");
        Set<String> trusted = Set.of(Fixtures.key("ec-p256.sec1.pem").keyId());

        Verification verification = ManifestVerifier.verify(manifest, trusted);

        assertThat(verification.verdict()).isEqualTo(Verdict.INVALID);
        assertThat(verification.signatures()).noneMatch(SignatureCheck::trusted);
    }

    @Test
    void verify_answersForSizeAndDepth() {
        String deep = "{\"a\":" + "[".repeat(100_000) + "]".repeat(100_000) + ",\"signatures\":[]}";
        byte[] large = new byte[Limits.MAX_RECORD_BYTES + 1];
        Arrays.fill(large, (byte) ' ');

        assertThat(ManifestVerifier.verify(deep.getBytes(UTF_8), TRUSTED).verdict())
                .isEqualTo(Verdict.INVALID);
        assertThat(ManifestVerifier.verify(large, TRUSTED).verdict()).isEqualTo(Verdict.INVALID);
    }

    @Test
    void verify_takesConfigsOfSeveralMegabytes() {
        SigningKey key = Fixtures.key("ec-p256.sec1.pem");
        String payload = "{\"history\":[{\"v1Compatibility\":\"" + "x".repeat(Limits.MAX_CONFIG_BYTES) + "\"}]}";
        byte[] manifest = ManifestSigner.sign(payload.getBytes(UTF_8), List.of(key), Instant.EPOCH);

        assertThat(ManifestVerifier.verify(manifest, TRUSTED).verdict()).isEqualTo(Verdict.VALID_TRUSTED);
    }

    /** Whatever bytes change, what is called sound is what was signed, seen whole. */
    @Test
    void verify_mutatedManifests() {
        long seed = Long.getLong("test.seed", System.nanoTime());
        System.out.println("ManifestVerifierTest.verify_mutatedManifests -Dtest.seed=" + seed);
        Random random = new Random(seed);
        byte[] good = Fixtures.bytes("by-docker-registry", "ec-p256.sec1.json");
        Digest signed = Digest.parse("sha256:a28bae580610dc8c38f1242c49058dd930bcfb9241f8b87f3abdffad4ebcae8d");
        for (int i = 0; i < 3000; i++) {
            byte[] mutant = mutate(good, random);
            Verification verification = ManifestVerifier.verify(mutant, TRUSTED);
            if (verification.verdict() == Verdict.VALID_TRUSTED) {
                assertThat(verification.payloadDigest())
                        .as("mutant %d of seed %d", i, seed)
                        .isEqualTo(signed);
            }
        }
    }

    private static byte[] mutate(byte[] good, Random random) {
        byte[] mutant = good.clone();
        int at = random.nextInt(mutant.length);
        switch (random.nextInt(4)) {
            case 0 -> mutant[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> mutant[at] = (byte) "{}[]\",:0 \\".charAt(random.nextInt(10));
            case 2 -> mutant = Arrays.copyOf(mutant, at);
            default -> {
                int from = random.nextInt(mutant.length);
                int length = Math.min(random.nextInt(200), mutant.length - Math.max(from, at));
                System.arraycopy(good, from, mutant, at, length);
            }
        }
        return mutant;
    }
}
