package dev.precast.schemas.record;

import dev.precast.schemas.image.Digest;

/** The keys of the topics. A repository name holds neither {@code :} nor {@code @}, so every key can be taken apart again. */
public final class RecordKeys {
    private RecordKeys() {}

    public static String tag(String repository, String tag) {
        return repository + ":" + tag;
    }

    public static String digest(String repository, Digest digest) {
        return repository + "@" + digest;
    }

    /** What converters say of a key that they hold, see {@link SigningKeyRecord}. */
    public static String availableKey(String keyId) {
        return "available/" + keyId;
    }

    /** The wish to build what a pattern matches anew. */
    public static String walkRequest(String pattern) {
        return "request/" + pattern;
    }

    /** How far the walk over a partition of the image table is. */
    public static String walkReport(int partition) {
        return "partition/" + partition;
    }

    /** The repository of any key: what stands before the first {@code @} or {@code :}. */
    public static String repository(String key) {
        for (int i = 0; i < key.length(); i++) {
            if (key.charAt(i) == '@' || key.charAt(i) == ':') {
                return key.substring(0, i);
            }
        }
        return key;
    }

    /** Whether the key is of the form {@code repository@digest}. */
    public static boolean isDigest(String key) {
        return key.indexOf('@') >= 0;
    }
}
