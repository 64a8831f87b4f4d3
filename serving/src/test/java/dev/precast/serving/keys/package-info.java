@NullMarked
package dev.precast.serving.keys;

import org.jspecify.annotations.NullMarked;
