/** Users and passwords of Precast's own, in a file. */
@NullMarked
package dev.precast.serving.htpasswd;

import org.jspecify.annotations.NullMarked;
