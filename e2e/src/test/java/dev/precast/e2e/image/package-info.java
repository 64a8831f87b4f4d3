/** The images that the tests push. */
@NullMarked
package dev.precast.e2e.image;

import org.jspecify.annotations.NullMarked;
