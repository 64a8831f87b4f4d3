package dev.precast.converter.jws;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Provider;
import java.util.Optional;

/**
 * Amazon Corretto Crypto Provider, when it is on the class path and loads on this machine: RSA signatures four times as fast, EC
 * signatures checked thirty times as fast. It is never needed: without it the platform does the same. Its EC signatures draw a
 * random nonce, so it does not make any. {@code -Dprecast.crypto.native=false} leaves it alone.
 */
final class NativeCrypto {
    private static final String PROVIDER = "com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider";

    private NativeCrypto() {}

    /** Loaded when it is first asked for, which takes a moment. */
    private static final class Loaded {
        static final Optional<Provider> PROVIDER = load();
    }

    static Optional<Provider> provider() {
        return Loaded.PROVIDER;
    }

    /** The same key in the provider's own form, so that it is not taken apart for every signature. */
    static PrivateKey ownForm(PrivateKey key, Provider provider) {
        try {
            return (PrivateKey)
                    KeyFactory.getInstance(key.getAlgorithm(), provider).translateKey(key);
        } catch (GeneralSecurityException e) {
            return key;
        }
    }

    private static Optional<Provider> load() {
        if (!Boolean.parseBoolean(System.getProperty("precast.crypto.native", "true"))) {
            return Optional.empty();
        }
        try {
            Class<?> type = Class.forName(PROVIDER);
            Provider provider = (Provider) type.getField("INSTANCE").get(null);
            // It loads everywhere, and says here whether its native part did too.
            Object fault = type.getMethod("getLoadingError").invoke(provider);
            return fault == null ? Optional.ofNullable(provider) : Optional.empty();
        } catch (ReflectiveOperationException | LinkageError e) {
            return Optional.empty();
        }
    }
}
