package dev.precast.serving.token;

/** A token is not accepted. Carries nothing of the token. */
final class TokenException extends Exception {
    private static final long serialVersionUID = 1L;

    private final TokenFault fault;

    TokenException(TokenFault fault) {
        super("The token is not accepted: " + fault, null, false, false);
        this.fault = fault;
    }

    TokenFault fault() {
        return fault;
    }
}
