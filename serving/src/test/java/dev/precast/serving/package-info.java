@NullMarked
package dev.precast.serving;

import org.jspecify.annotations.NullMarked;
