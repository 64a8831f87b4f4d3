/** What every role (ingest, converter, serving) looks like from outside. */
@NullMarked
package dev.precast.schemas.role;

import org.jspecify.annotations.NullMarked;
