package dev.precast.converter.jws;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.jca.JCAContext;
import com.nimbusds.jose.util.Base64URL;
import java.security.SecureRandom;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/** A key whose signer fails as often as it is told to. */
public final class BrittleKey {
    private final SigningKey whole = SigningKey.generateEc(new SecureRandom());
    private final AtomicInteger failures = new AtomicInteger();
    private final SigningKey brittle = whole.with(new Signer());

    public SigningKey key() {
        return brittle;
    }

    /** The next signatures fail. */
    public void fail(int times) {
        failures.set(times);
    }

    private final class Signer implements JWSSigner {
        private final JCAContext context = new JCAContext();

        @Override
        public Base64URL sign(JWSHeader header, byte[] input) throws JOSEException {
            if (failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                throw new JOSEException("out of order");
            }
            return whole.sign(input);
        }

        @Override
        public Set<JWSAlgorithm> supportedJWSAlgorithms() {
            return Set.of(JWSAlgorithm.ES256);
        }

        @Override
        public JCAContext getJCAContext() {
            return context;
        }
    }
}
