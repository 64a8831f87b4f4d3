package dev.precast.serving.token;

/**
 * A token that has to be refused.
 *
 * @param family what kind of attack it is
 * @param fault name of the {@link TokenFault}, or {@link TokenForge#SCOPE} for a token that is right and does not grant what is asked
 */
record Attack(String family, String name, String fault, String token) {}
