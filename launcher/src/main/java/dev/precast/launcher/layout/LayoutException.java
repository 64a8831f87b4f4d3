package dev.precast.launcher.layout;

import java.io.IOException;

/** A directory is not the OCI image layout that it should be; the message is for the operator. */
public final class LayoutException extends IOException {
    private static final long serialVersionUID = 1L;

    LayoutException(String message) {
        super(message);
    }
}
