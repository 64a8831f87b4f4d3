package dev.precast.serving.token;

import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.util.Base64;
import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The keys that tokens may be signed with. A token only says which of them; what it brings along itself counts for nothing, but
 * for a chain of certificates that ends at a configured root. Immutable.
 *
 * @param byId every id that a key goes by
 */
record TrustedKeys(Map<String, List<TrustedKey>> byId, Set<X509Certificate> roots) {
    private static final int LONGEST_CHAIN = 5;
    private static final int DIGITAL_SIGNATURE = 0;

    TrustedKeys {
        byId = Map.copyOf(byId);
        roots = Set.copyOf(roots);
    }

    /** The keys that a header points to; empty when it points to none that is believed. */
    List<TrustedKey> find(JWSHeader header, Instant now) {
        @Nullable String id = header.getKeyID();
        if (id != null && byId.containsKey(id)) {
            return byId.get(id);
        }
        @Nullable List<Base64> chain = header.getX509CertChain();
        return chain == null ? List.of() : leaf(chain, now).stream().toList();
    }

    private Optional<TrustedKey> leaf(List<Base64> encoded, Instant now) {
        if (roots.isEmpty() || encoded.isEmpty() || encoded.size() > LONGEST_CHAIN) {
            return Optional.empty();
        }
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            List<X509Certificate> chain = new ArrayList<>();
            for (Base64 one : encoded) {
                X509Certificate certificate =
                        (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(one.decode()));
                if (chain.isEmpty() || !roots.contains(certificate)) {
                    chain.add(certificate);
                }
            }
            Set<TrustAnchor> anchors = new HashSet<>();
            roots.forEach(root -> anchors.add(new TrustAnchor(root, null)));
            PKIXParameters parameters = new PKIXParameters(anchors);
            parameters.setRevocationEnabled(false);
            parameters.setDate(Date.from(now));
            CertPathValidator.getInstance("PKIX").validate(factory.generateCertPath(chain), parameters);
            X509Certificate leaf = chain.get(0);
            boolean[] usage = leaf.getKeyUsage();
            boolean signs = usage == null || usage[DIGITAL_SIGNATURE];
            return signs && TrustedKey.usable(leaf.getPublicKey())
                    ? Optional.of(new TrustedKey(leaf.getPublicKey(), null))
                    : Optional.empty();
        } catch (GeneralSecurityException e) {
            return Optional.empty();
        }
    }
}
