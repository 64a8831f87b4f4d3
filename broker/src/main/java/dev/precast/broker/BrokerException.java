package dev.precast.broker;

import java.io.IOException;

/** The broker did not start; the message is for the operator. */
public final class BrokerException extends IOException {
    private static final long serialVersionUID = 1L;

    BrokerException(String message) {
        super(message);
    }
}
