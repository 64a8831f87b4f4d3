/** The table of refusal reasons, and the registry's JSON error form. */
@NullMarked
package dev.precast.schemas.error;

import org.jspecify.annotations.NullMarked;
