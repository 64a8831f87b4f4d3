/** Who may read: the upstream's word, passwords, tokens, or a list. */
@NullMarked
package dev.precast.serving.auth;

import org.jspecify.annotations.NullMarked;
