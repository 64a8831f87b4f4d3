/** What the image table holds, as far as the resolver and the sweep must know: tags, roots and children, without the bytes. */
@NullMarked
package dev.precast.ingest.known;

import org.jspecify.annotations.NullMarked;
