/**
 * The registry face for old clients: a read-only registry that answers what lies ready and passes everything else through. Start
 * reading at {@link dev.precast.serving.ServingApp}.
 */
@NullMarked
package dev.precast.serving;

import org.jspecify.annotations.NullMarked;
