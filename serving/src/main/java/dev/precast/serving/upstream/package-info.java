/** The upstream registry: asked only for what was parsed and rebuilt, followed nowhere, streamed through. */
@NullMarked
package dev.precast.serving.upstream;

import org.jspecify.annotations.NullMarked;
