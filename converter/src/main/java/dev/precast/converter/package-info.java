/** Builds and signs the older formats of every image, ahead of time. The conversion itself is pure. */
@NullMarked
package dev.precast.converter;

import org.jspecify.annotations.NullMarked;
