@NullMarked
package dev.precast.serving.freshness;

import org.jspecify.annotations.NullMarked;
