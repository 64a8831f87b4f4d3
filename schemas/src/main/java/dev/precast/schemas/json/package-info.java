/** The one strict JSON reader for everything that comes from outside, and the codec of our own records. */
@NullMarked
package dev.precast.schemas.json;

import org.jspecify.annotations.NullMarked;
