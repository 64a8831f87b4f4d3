/** Events to hints, hints to image records: the only part that talks to the upstream registry on its own account. */
@NullMarked
package dev.precast.ingest;

import org.jspecify.annotations.NullMarked;
