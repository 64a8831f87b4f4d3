package dev.precast.bench.jmh;

import dev.precast.converter.jws.ManifestSigner;
import dev.precast.converter.jws.SigningKey;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Signing a payload of 4 KB as libtrust does, from payload to finished manifest. */
@State(Scope.Thread)
public class SigningBenchmark {
    private static final byte[] PAYLOAD =
            ("{\n   \"name\": \"" + "x".repeat(4096) + "\"\n}").getBytes(StandardCharsets.UTF_8);

    @Param({"ec", "rsa"})
    public String key = "ec";

    private List<SigningKey> keys = List.of();

    @Setup
    public void prepare() {
        SecureRandom random = new SecureRandom();
        keys = List.of(key.equals("ec") ? SigningKey.generateEc(random) : SigningKey.generateRsa(random));
    }

    @Benchmark
    public byte[] sign() {
        return ManifestSigner.sign(PAYLOAD, keys, Instant.EPOCH);
    }
}
