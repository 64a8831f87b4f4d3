@NullMarked
package dev.precast.serving.token;

import org.jspecify.annotations.NullMarked;
