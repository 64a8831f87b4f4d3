/** Schema 1 payloads from image configs: pure, and the same bytes as Docker Distribution 2.8 makes. */
@NullMarked
package dev.precast.converter.schema1;

import org.jspecify.annotations.NullMarked;
