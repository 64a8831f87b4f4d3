package dev.precast.converter.topology;

/** Signing failed, for reasons that have nothing to do with the image: it is to be tried again later. */
final class UnsignedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    UnsignedException(RuntimeException cause) {
        super(cause.getMessage(), cause);
    }
}
