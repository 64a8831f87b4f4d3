@NullMarked
package dev.precast.serving.support;

import org.jspecify.annotations.NullMarked;
