/** The HTTP face: paths, answers, and how they go onto the wire. */
@NullMarked
package dev.precast.serving.routes;

import org.jspecify.annotations.NullMarked;
