@NullMarked
package dev.precast.serving.upstream;

import org.jspecify.annotations.NullMarked;
