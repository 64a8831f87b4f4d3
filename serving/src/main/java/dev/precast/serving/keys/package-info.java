/** The public signing keys, for auditors to pin. */
@NullMarked
package dev.precast.serving.keys;

import org.jspecify.annotations.NullMarked;
