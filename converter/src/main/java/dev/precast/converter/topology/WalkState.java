package dev.precast.converter.topology;

import org.jspecify.annotations.Nullable;

/**
 * How far the walk over the image table has come.
 *
 * @param desired fingerprint of the settings, keys and revision that the walk brings the tags to
 * @param cursor the last key that was brought there; absent before the first
 * @param done whether every tag was visited
 */
record WalkState(String desired, @Nullable String cursor, boolean done) {}
