/** Docker's registry tokens: which keys are believed, what a token must say, what it grants. */
@NullMarked
package dev.precast.serving.token;

import org.jspecify.annotations.NullMarked;
