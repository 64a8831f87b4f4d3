package dev.precast.serving.token;

/** Why a token is not accepted. For metrics and tests; callers hear {@code invalid_token} whatever it is. */
public enum TokenFault {
    /** Longer than anything that is looked at. */
    TOO_LONG,
    /** Not three parts of Base64url, the first two strict JSON objects. */
    MALFORMED,
    /** {@code alg} is not among those configured: {@code none} and HMAC never are. */
    ALGORITHM,
    /** {@code crit} or {@code b64}, or a {@code typ} that is not a token's. */
    HEADER,
    /** Signed by no configured key, and by no certificate below a configured root. */
    UNKNOWN_KEY,
    SIGNATURE,
    ISSUER,
    AUDIENCE,
    /** {@code exp} is missing or past. */
    EXPIRED,
    /** {@code nbf} or {@code iat} is in the future. */
    NOT_YET,
    /** Valid for longer than is allowed. */
    LIFETIME,
    /** {@code access} is not a list of type, name and actions. */
    ACCESS
}
