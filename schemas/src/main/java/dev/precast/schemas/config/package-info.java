/** Configuration keys: flags before environment before file; unknown keys are refused with the nearest known one. */
@NullMarked
package dev.precast.schemas.config;

import org.jspecify.annotations.NullMarked;
