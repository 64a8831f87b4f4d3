@NullMarked
package dev.precast.converter.keys;

import org.jspecify.annotations.NullMarked;
