package dev.precast.serving.view;

/** The view's files hold something that was never written: it must not be sent, and the view has to be rebuilt. */
public final class DamagedViewException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    DamagedViewException(String message) {
        super(message);
    }

    DamagedViewException(String message, Throwable cause) {
        super(message, cause);
    }
}
