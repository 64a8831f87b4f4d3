@NullMarked
package dev.precast.serving.htpasswd;

import org.jspecify.annotations.NullMarked;
