/** Builds and signs the older formats of an image. Pure but for {@code topology} and the app that starts it. */
@NullMarked
package dev.precast.converter;

import org.jspecify.annotations.NullMarked;
