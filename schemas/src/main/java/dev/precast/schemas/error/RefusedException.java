package dev.precast.schemas.error;

/** Carries a {@link Refusal} out of a parser or a conversion step. Without a stack trace: it is an answer, not a fault. */
public final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Refusal refusal;

    public RefusedException(Refusal refusal) {
        super(refusal.reason() + ": " + refusal.message(), null, false, false);
        this.refusal = refusal;
    }

    public RefusedException(RefusalReason reason, String message) {
        this(new Refusal(reason, message));
    }

    public Refusal refusal() {
        return refusal;
    }
}
