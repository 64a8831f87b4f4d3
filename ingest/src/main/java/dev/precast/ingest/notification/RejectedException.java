package dev.precast.ingest.notification;

/** Parsing stops here; the body is a dead letter. */
public final class RejectedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Notification.Rejection rejection;

    RejectedException(RejectionReason reason, String message) {
        super(message, null, false, false);
        this.rejection = new Notification.Rejection(reason, message);
    }

    Notification.Rejection rejection() {
        return rejection;
    }
}
