package dev.precast.serving.server;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many requests of each class are answered at once. There is no queue: one too many is refused at once, so that the client
 * can come again later instead of holding what others need. Thread-safe.
 */
public final class Admission {
    /** Blobs are refused when manifests have taken so much of their own limit: every pull needs a manifest first. */
    private static final double MANIFESTS_FIRST = 0.75;

    private final Gate manifests;
    private final Gate blobs;
    private final Gate auth;
    private final Gate lists;

    /** What a request is for. */
    public enum Kind {
        MANIFEST,
        BLOB,
        /** {@code /v2/}. */
        AUTH,
        /** Tag lists and the catalog. */
        LIST
    }

    private record Gate(int limit, AtomicInteger inside) {
        Gate(int limit) {
            this(limit, new AtomicInteger());
        }

        boolean enter() {
            if (inside.incrementAndGet() <= limit) {
                return true;
            }
            inside.decrementAndGet();
            return false;
        }

        boolean fuller(double share) {
            return inside.get() > limit * share;
        }
    }

    public Admission(int manifests, int blobs, int auth, int lists) {
        this.manifests = new Gate(manifests);
        this.blobs = new Gate(blobs);
        this.auth = new Gate(auth);
        this.lists = new Gate(lists);
    }

    /** Whether a request may go on now; if so, {@link #leave} has to follow. */
    public boolean enter(Kind kind) {
        if (kind == Kind.BLOB && manifests.fuller(MANIFESTS_FIRST)) {
            return false;
        }
        return gate(kind).enter();
    }

    public void leave(Kind kind) {
        gate(kind).inside().decrementAndGet();
    }

    /** Requests that are being answered. */
    public int inside() {
        return manifests.inside().get()
                + blobs.inside().get()
                + auth.inside().get()
                + lists.inside().get();
    }

    private Gate gate(Kind kind) {
        return switch (kind) {
            case MANIFEST -> manifests;
            case BLOB -> blobs;
            case AUTH -> auth;
            case LIST -> lists;
        };
    }
}
